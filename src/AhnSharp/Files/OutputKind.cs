namespace AhnSharp.Files;

/// <summary>What a file that is to be written will be: a model or a session is replaced only by one of its kind.</summary>
public enum OutputKind
{
    /// <summary>A drawing, a table, numbers.</summary>
    Other,

    /// <summary>A GGUF model.</summary>
    Model,

    /// <summary>A saved session.</summary>
    Session,
}
