namespace AhnSharp.Gpu.Training;

/// <summary>r = Scale / max(√(Σx² + Epsilon), Least): the delta rules guard the square, Mamba2 the length.</summary>
internal struct UnitRule
{
    public float Scale, Epsilon, Least;

    /// <summary>Whether r is that of the least length, and depends on nothing.</summary>
    public readonly bool IsLeast(float inverse) => Least > 0 && inverse >= Scale / Least;
}
