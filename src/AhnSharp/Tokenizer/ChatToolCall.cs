namespace AhnSharp.Tokenizer;

/// <summary>
/// A call of a tool by the assistant. Templates see <c>{"type": "function", "function": {"name", "arguments"}}</c>, arguments as a value.
/// </summary>
/// <param name="Name">Name of the function.</param>
/// <param name="Arguments">Its arguments as JSON text, usually an object.</param>
public sealed record ChatToolCall(string Name, string Arguments);
