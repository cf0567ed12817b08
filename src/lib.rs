//! nalabo
