// A bot as a tenant writes it: grammY, unmodified. All that it knows of Relevo is the base address
// of the Bot API.

import { createServer } from "node:http";
import { Bot, GrammyError, webhookCallback } from "grammy";

const { API_ROOT, BOT_TOKEN, PORT, SECRET_TOKEN } = process.env;

const bot = new Bot(BOT_TOKEN, {
  client: {
    apiRoot: API_ROOT,
    // One method answers in the webhook's own response, as Telegram allows.
    canUseWebhookReply: (method) => method === "sendLocation",
  },
});

bot.hears(/dónde/i, (ctx) => ctx.replyWithLocation(-33.4489, -70.6693));
bot.on("message:text", (ctx) => ctx.reply(`grammY: ${ctx.msg.text}`));
bot.catch((error) => console.error("refused:", error.message));

const hook = webhookCallback(bot, "http", { secretToken: SECRET_TOKEN });
let ready = false;

async function body(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString());
}

// A message of its own accord, such as a reminder.
async function push(request) {
  const { chat, text } = await body(request);
  try {
    const sent = await bot.api.sendMessage(chat, text);
    return { ok: true, message_id: sent.message_id };
  } catch (error) {
    if (!(error instanceof GrammyError)) throw error;
    return { ok: false, error_code: error.error_code, description: error.description };
  }
}

const server = createServer(async (request, response) => {
  try {
    if (request.url === "/hook") return await hook(request, response);
    if (request.url === "/push") return response.end(JSON.stringify(await push(request)));
    response.statusCode = request.url === "/ready" && ready ? 200 : 503;
    response.end();
  } catch (error) {
    console.error("failed:", error);
    response.statusCode = 500;
    response.end();
  }
});

server.listen(Number(PORT), "127.0.0.1", async () => {
  try {
    await bot.init();
    await bot.api.setWebhook(`http://127.0.0.1:${PORT}/hook`, { secret_token: SECRET_TOKEN });
    ready = true;
  } catch (error) {
    console.error("fatal:", error);
    process.exit(1);
  }
});
