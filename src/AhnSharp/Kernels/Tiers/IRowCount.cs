namespace AhnSharp.Kernels.Tiers;

/// <summary>A number of rows that is known when a kernel is compiled.</summary>
internal interface IRowCount
{
    /// <summary>5 to 8.</summary>
    static abstract int Rows { get; }
}

/// <summary>5: Qwen2.5 14B has 40 query heads and 8 key/value heads.</summary>
internal readonly struct FiveRows : IRowCount
{
    public static int Rows => 5;
}

/// <summary>6: 1.5B, 12 and 2.</summary>
internal readonly struct SixRows : IRowCount
{
    public static int Rows => 6;
}

/// <summary>7: 0.5B, 14 and 2; 7B, 28 and 4.</summary>
internal readonly struct SevenRows : IRowCount
{
    public static int Rows => 7;
}

/// <summary>8: 3B, 16 and 2.</summary>
internal readonly struct EightRows : IRowCount
{
    public static int Rows => 8;
}
