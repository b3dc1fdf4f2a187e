namespace AhnSharp.Server.Http;

/// <summary>Whose interface a path belongs to.</summary>
internal enum ApiStyle
{
    /// <summary>OpenAI's, and our own.</summary>
    OpenAI,

    /// <summary>Anthropic's.</summary>
    Anthropic,

    /// <summary>Ollama's.</summary>
    Ollama,
}
