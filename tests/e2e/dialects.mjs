// The four ways an LLM provider speaks, as far as real clients read them. A dialect turns a request body into a prompt
// ({ text, toolOutput, tools }) and a reply ({ text } or { call }) into a JSON answer or the frames of an event stream.

const usage = { input_tokens: 3, output_tokens: 5, total_tokens: 8 };
const sse = (data, event) => `${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const words = text => text.match(/\S+\s*/g);
const pieces = json => json.match(/.{1,6}/gs);
const textOf = content => typeof content === 'string' ? content : (content ?? []).map(part => part.text ?? '').join('\n');

const openaiChat = {
  prompt({ messages, tools = [] }) {
    const last = messages.at(-1);
    return {
      text: textOf(messages.findLast(message => message.role === 'user')?.content),
      toolOutput: last.role === 'tool' ? textOf(last.content) : undefined,
      tools: tools.map(tool => tool.function.name),
    };
  },

  json(model, { text, call }) {
    const toolCalls = call && [{ id: 'call_1', type: 'function', function: { name: call.name, arguments: call.args } }];
    return {
      id: 'chatcmpl-1', object: 'chat.completion', created: 1, model,
      choices: [{
        index: 0, logprobs: null, finish_reason: call ? 'tool_calls' : 'stop',
        message: { role: 'assistant', content: text ?? null, refusal: null, tool_calls: toolCalls },
      }],
      usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
    };
  },

  stream(model, { text, call }) {
    const chunk = (delta, finish_reason = null) =>
      sse({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta, finish_reason }] });
    const toolCall = part => chunk({ tool_calls: [{ index: 0, ...part }] });
    return {
      // Gateways keep a slow connection awake with comments; clients must be handed them and skip them.
      open: [': keep-alive\n\n', chunk({ role: 'assistant', content: call ? null : '' })],
      body: call
        ? [
            toolCall({ id: 'call_1', type: 'function', function: { name: call.name, arguments: '' } }),
            ...pieces(call.args).map(part => toolCall({ function: { arguments: part } })),
          ]
        : words(text).map(content => chunk({ content })),
      close: [chunk({}, call ? 'tool_calls' : 'stop'), sse('[DONE]')],
    };
  },
};

export const openaiResponses = {
  prompt({ input, tools = [] }) {
    const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
    const last = items.at(-1);
    return {
      text: textOf(items.findLast(item => item.role === 'user')?.content),
      toolOutput: last.type?.endsWith('call_output') ? textOf(last.output) : undefined,
      tools: tools.map(tool => tool.name),
    };
  },

  item({ text, call }, status = 'completed') {
    return call
      ? { id: 'fc_1', type: 'function_call', status, call_id: 'call_1', name: call.name, arguments: call.args }
      : { id: 'msg_1', type: 'message', status, role: 'assistant', content: [{ type: 'output_text', text, annotations: [], logprobs: [] }] };
  },

  json(model, reply, status = 'completed') {
    return {
      id: 'resp_1', object: 'response', created_at: 1, status, model, error: null, incomplete_details: null, instructions: null,
      metadata: {}, parallel_tool_calls: true, temperature: 1, tool_choice: 'auto', tools: [], top_p: 1,
      output: status === 'completed' ? [this.item(reply)] : [],
      usage: status === 'completed'
        ? { ...usage, input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } }
        : null,
    };
  },

  events(model, reply) {
    let sequence_number = 0;
    const event = (type, fields) => ({ type, sequence_number: sequence_number++, ...fields });
    const { text, call } = reply;
    const at = { item_id: call ? 'fc_1' : 'msg_1', output_index: 0, ...(call ? {} : { content_index: 0 }) };
    const part = { type: 'output_text', text: '', annotations: [], logprobs: [] };
    const started = { ...this.item(reply, 'in_progress'), ...(call ? { arguments: '' } : { content: [] }) };
    return {
      open: [
        event('response.created', { response: this.json(model, reply, 'in_progress') }),
        event('response.in_progress', { response: this.json(model, reply, 'in_progress') }),
        event('response.output_item.added', { output_index: 0, item: started }),
        ...(call ? [] : [event('response.content_part.added', { ...at, part })]),
      ],
      body: call
        ? pieces(call.args).map(delta => event('response.function_call_arguments.delta', { ...at, delta }))
        : words(text).map(delta => event('response.output_text.delta', { ...at, delta, logprobs: [] })),
      close: [
        ...(call
          ? [event('response.function_call_arguments.done', { ...at, name: call.name, arguments: call.args })]
          : [
              event('response.output_text.done', { ...at, text, logprobs: [] }),
              event('response.content_part.done', { ...at, part: { ...part, text } }),
            ]),
        event('response.output_item.done', { output_index: 0, item: this.item(reply) }),
        event('response.completed', { response: this.json(model, reply) }),
      ],
    };
  },

  stream(model, reply) {
    const frames = events => events.map(event => sse(event, event.type));
    const { open, body, close } = this.events(model, reply);
    return { open: frames(open), body: frames(body), close: frames(close) };
  },
};

const anthropic = {
  prompt({ messages, tools = [] }) {
    const result = [messages.at(-1).content].flat().find(block => block.type === 'tool_result');
    return {
      text: textOf(messages.findLast(message => message.role === 'user' && textOf(message.content).trim())?.content),
      toolOutput: result && textOf(result.content),
      tools: tools.map(tool => tool.name),
    };
  },

  json(model, { text, call }) {
    return {
      id: 'msg_1', type: 'message', role: 'assistant', model,
      content: [call ? { type: 'tool_use', id: 'toolu_1', name: call.name, input: JSON.parse(call.args) } : { type: 'text', text }],
      stop_reason: call ? 'tool_use' : 'end_turn', stop_sequence: null, usage,
    };
  },

  stream(model, reply) {
    const { text, call } = reply;
    const event = (type, fields) => sse({ type, ...fields }, type);
    const delta = delta => event('content_block_delta', { index: 0, delta });
    const message = { ...this.json(model, reply), content: [], stop_reason: null };
    const content_block = call ? { type: 'tool_use', id: 'toolu_1', name: call.name, input: {} } : { type: 'text', text: '' };
    return {
      open: [event('message_start', { message }), event('content_block_start', { index: 0, content_block }), event('ping')],
      body: call
        ? pieces(call.args).map(partial_json => delta({ type: 'input_json_delta', partial_json }))
        : words(text).map(text => delta({ type: 'text_delta', text })),
      close: [
        event('content_block_stop', { index: 0 }),
        event('message_delta', { delta: { stop_reason: call ? 'tool_use' : 'end_turn', stop_sequence: null }, usage }),
        event('message_stop'),
      ],
    };
  },
};

const gemini = {
  prompt({ contents, tools = [] }) {
    const turns = [contents].flat();
    const response = turns.at(-1).parts.find(part => part.functionResponse)?.functionResponse;
    return {
      text: textOf(turns.findLast(turn => turn.role === 'user' && textOf(turn.parts))?.parts),
      toolOutput: response && JSON.stringify(response.response),
      tools: tools.flatMap(tool => tool.functionDeclarations ?? []).map(tool => tool.name),
    };
  },

  json(modelVersion, { text, call }, finishReason = 'STOP') {
    const part = call ? { functionCall: { name: call.name, args: JSON.parse(call.args) } } : { text };
    return {
      candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason }], modelVersion, responseId: 'gen-1',
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 5, totalTokenCount: 8 },
    };
  },

  // Google ends its events with CR LF.
  stream(model, reply) {
    const frame = (part, finish) => `data: ${JSON.stringify(this.json(model, part, finish))}\r\n\r\n`;
    const parts = reply.call ? [reply] : words(reply.text).map(text => ({ text }));
    return {
      open: [],
      body: parts.slice(0, -1).map(part => frame(part, undefined)),
      close: [frame(parts.at(-1), 'STOP')],
    };
  },
};

/** The dialect of a model call, or undefined for every other request. */
export function dialectOf(method, path) {
  if (method !== 'POST') return undefined;
  if (/:(streamG|g)enerateContent$/.test(path)) return gemini;
  return { '/v1/chat/completions': openaiChat, '/v1/responses': openaiResponses, '/v1/messages': anthropic }[path];
}
