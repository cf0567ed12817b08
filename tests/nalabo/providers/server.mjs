// A provider for tests, on loopback: oidc-provider, and what can be made to go wrong with it.
//
//     server.mjs FOLDER REDIRECT
//
// FOLDER has its node_modules; people are sent back to REDIRECT. Prints its port. Whoever comes is signed in as whom the last
// `POST /control` named, without a form:
//
//     { sub, email, email_verified, name, groups, amr }   whom
//     { wrong }     what id tokens are from now on: "nonce", "audience", "issuer", "expired", "early", "none", "hs256", "stranger", "hash"
//     { rotate }    signs with another key from now on
//     { gone }      answers with 503 from now on
//     { closed }    answers at this path with 403 and a page from now on
//     { issuer }    answers that browsers bring say that they are of this one; null: they do not say
//     { subject }   what userinfo says whom it is about
//     { metadata }  what its metadata say besides

import crypto from 'node:crypto';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// Nobody reads what stands after the port, and a full or closed pipe would end it.
console.info = console.error;

const [folder, redirect] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(path.join(folder, 'node_modules', file)));
const { Provider } = await load('oidc-provider/lib/index.js');
const { exportJWK, generateKeyPair, SignJWT, decodeJwt, importJWK } = await load('jose/dist/webapi/index.js');

const CLIENT = 'nalabo';
const SECRET = 'the secret of nalabo, which is long enough';
const state = { person: { sub: 'ada' } };
let issuer;
let key;
let provider;
let answer;

async function newKey() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, alg: 'ES256', use: 'sig', kid: crypto.randomUUID() };
}

// The same claims, changed and signed in another way.
async function changed(token, wrong) {
  const claims = decodeJwt(token);
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = async (jwk, more) =>
    new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: 'ES256', kid: key.kid }).sign(await importJWK(jwk, 'ES256'));
  switch (wrong) {
    case 'nonce': return signed(key, { nonce: 'of somebody else' });
    case 'audience': return signed(key, { aud: 'another client' });
    case 'issuer': return signed(key, { iss: 'http://127.0.0.1:1' });
    case 'expired': return signed(key, { iat: now - 200, exp: now - 100 });
    case 'early': return signed(key, { iat: now + 3600, exp: now + 7200 });
    case 'hash': return signed(key, { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' });
    case 'stranger': return signed(await newKey(), {});
    case 'none': return `${part({ alg: 'none' })}.${part(claims)}.`;
    case 'hs256': {
      const text = `${part({ alg: 'HS256' })}.${part(claims)}`;
      return `${text}.${crypto.createHmac('sha256', SECRET).update(text).digest('base64url')}`;
    }
    default: return token;
  }
}

async function make() {
  key = await newKey();
  provider = new Provider(issuer, {
    clients: [{
      client_id: CLIENT, client_secret: SECRET, redirect_uris: [redirect], id_token_signed_response_alg: 'ES256',
      grant_types: ['authorization_code'], response_types: ['code'],
    }],
    jwks: { keys: [key] },
    cookies: { keys: ['a key of cookies'] },
    claims: { openid: ['sub', 'amr'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => state.person }),
    async loadExistingGrant(ctx) {
      const { client, session } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid email profile groups');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === '/token' && ctx.body?.id_token) ctx.body.id_token = await changed(ctx.body.id_token, state.wrong);
    if (ctx.path === '/me' && state.subject) ctx.body = { ...state.person, sub: state.subject };
    if (ctx.path === '/.well-known/openid-configuration') ctx.body = { ...ctx.body, ...state.metadata };
    const to = ctx.response.get('location') ?? '';
    if (to.startsWith(redirect) && 'issuer' in state) {
      const url = new URL(to);
      if (state.issuer) url.searchParams.set('iss', state.issuer); else url.searchParams.delete('iss');
      ctx.set('location', url.href);
    }
  });
  answer = provider.callback();
}

async function body(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

const server = http.createServer(async (request, response) => {
  try {
    if (request.url === '/control') {
      const { rotate, sub, ...said } = await body(request);
      if (sub) state.person = { sub, ...said }; else Object.assign(state, said);
      if (rotate) await make();
      response.end();
    } else if (state.gone) {
      response.writeHead(503).end();
    } else if (request.url === state.closed) {
      response.writeHead(403, { 'content-type': 'text/html' }).end('<html>Not for you</html>');
    } else if (request.url.startsWith('/interaction/')) {
      await provider.interactionDetails(request, response);
      const { sub, amr } = state.person;
      await provider.interactionFinished(request, response, { login: { accountId: sub, amr } });
    } else {
      answer(request, response);
    }
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});
server.listen(0, '127.0.0.1', async () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  await make();
  console.log(server.address().port);
});
