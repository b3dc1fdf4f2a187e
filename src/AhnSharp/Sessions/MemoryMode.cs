namespace AhnSharp.Sessions;

/// <summary>What a session keeps of a text.</summary>
public enum MemoryMode
{
    /// <summary>Everything, exactly; memory and time a token grow with the text.</summary>
    Full,

    /// <summary>Sinks and a sliding window; what leaves the window is dropped.</summary>
    Window,

    /// <summary>Sinks and window exactly; what leaves the window is folded into a memory of fixed size.</summary>
    Ahn,
}
