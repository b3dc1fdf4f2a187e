namespace AhnSharp.Constraints;

/// <summary>What runs above a frame, as far as masks ask.</summary>
internal enum FrameKind : byte
{
    Usual,

    /// <summary>A rule that calls nothing: a single character, mostly. Stacks are not cut there.</summary>
    Shallow,

    /// <summary>A rule that is looked at apart from other readings (<see cref="Rule.Apart"/>).</summary>
    Apart,
}
