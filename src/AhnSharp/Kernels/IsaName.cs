namespace AhnSharp.Kernels;

/// <summary>What people call an instruction set.</summary>
internal static class IsaName
{
    /// <summary>For example AVX-512.</summary>
    public static string Of(Isa isa) => isa switch
    {
        Isa.Avx512 => "AVX-512",
        Isa.Avx2 => "AVX2",
        Isa.Sse => "SSE",
        Isa.Neon => "NEON",
        Isa.NeonDot => "NEON with sdot",
        _ => "portable",
    };
}
