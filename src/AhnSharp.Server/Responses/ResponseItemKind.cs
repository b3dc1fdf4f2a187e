namespace AhnSharp.Server.Responses;

/// <summary>What an item of a response's output is.</summary>
internal enum ResponseItemKind
{
    /// <summary>A message of the assistant.</summary>
    Message,

    /// <summary>Thoughts before it.</summary>
    Thoughts,

    /// <summary>A call of a function.</summary>
    Call,
}
