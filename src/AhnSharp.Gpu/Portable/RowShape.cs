namespace AhnSharp.Gpu.Portable;

/// <summary>Rows of a width, and the ε of their norm, as kernels take them.</summary>
internal readonly struct RowShape(int width, float epsilon)
{
    public readonly int Width = width;
    public readonly float Epsilon = epsilon;
}
