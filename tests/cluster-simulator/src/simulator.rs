//! The simulator as tests hold it: all of the public API is here.
