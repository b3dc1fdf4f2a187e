namespace AhnSharp.Constraints;

/// <summary>
/// One call on the stack of a reading: where the caller goes on, or a loop that is in its body. Frames of a table are equal where they are
/// the same object.
/// </summary>
/// <param name="id">Its number in its table, from 1; 0 is the empty stack.</param>
/// <param name="target">State of the caller, or the complement of the number of a loop's rule.</param>
/// <param name="need">Of a loop: times that must still come behind this one.</param>
/// <param name="most">Of a loop: times that may still come behind this one.</param>
/// <param name="kind">What masks make of it.</param>
/// <param name="parent">The frame below.</param>
internal sealed class Frame(int id, int target, int need, int most, FrameKind kind, Frame? parent)
{
    public int Id => id;
    public int Target => target;
    public int Need => need;
    public int Most => most;
    public bool Shallow => kind == FrameKind.Shallow;
    public FrameKind Kind => kind;
    public Frame? Parent => parent;
    public int Depth { get; } = (parent?.Depth ?? 0) + 1;

    /// <summary>Bytes of the shortest end behind what runs above it; −1: not known yet (<see cref="Closing"/>).</summary>
    public long BytesToEnd { get; set; } = -1;
}
