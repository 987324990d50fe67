// Verifies a post by the `standardwebhooks` package of npm, as an application does. Reads {secret, headers, body} as JSON;
// `tests/it/event` starts it.
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { readFileSync } from 'node:fs';

const { secret, headers, body } = JSON.parse(readFileSync(0, 'utf8'));
const webhook = secret.startsWith('whsec_') ? new Webhook(secret) : new Webhook(secret, { format: 'raw' });
webhook.verify(body, headers, { jsonParse: false });
try {
  webhook.verify(`${body}x`, headers, { jsonParse: false });
} catch (error) {
  if (error instanceof WebhookVerificationError) console.log('verified');
}
