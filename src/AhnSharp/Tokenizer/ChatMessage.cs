using System.Collections.Generic;

namespace AhnSharp.Tokenizer;

/// <summary>One turn of a conversation, as chat templates see it.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">What is said; for <c>tool</c>, the result. null (None) or empty where the assistant only calls tools.</param>
/// <param name="ToolCalls">The calls the assistant made in this turn; null or empty where none.</param>
public sealed record ChatMessage(string Role, string? Content, IReadOnlyList<ChatToolCall>? ToolCalls = null);
