// An OpenID Connect provider on the loopback interface: node provider.mjs PORT REDIRECT_URI
// Whoever signs in as NAME is NAME@example.com, verified.
import Provider from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'ocr-chat',
    client_secret: 'a secret of these tests',
    redirect_uris: [redirectUri],
  }],
  claims: { email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  cookies: { keys: ['a key of these tests'] },
  async findAccount(_context, id) {
    return {
      accountId: id,
      claims: async () => ({ sub: id, email: `${id}@example.com`, email_verified: true }),
    };
  },
});
provider.on('server_error', (_context, error) => console.log(`server_error ${error.stack}`));
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
