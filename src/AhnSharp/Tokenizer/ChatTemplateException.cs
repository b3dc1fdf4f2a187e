using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer;

/// <summary>
/// A chat template that cannot be used, or that refuses a conversation; the message is one sentence with the line of the template.
/// </summary>
public sealed class ChatTemplateException : InvalidModelException
{
    /// <summary>Creates the exception for a line of the template, counted from 1.</summary>
    public ChatTemplateException(int line, string message) : base($"Chat template, line {line}: {message}") => Line = line;

    /// <summary>Creates the exception for what the template was given, before it ran.</summary>
    public ChatTemplateException(string message) : base($"Chat template: {message}")
    {
    }

    /// <summary>The line of the template, counted from 1; 0 where the fault is not in a line of it.</summary>
    public int Line { get; }
}
