using ILGPU.IR.Intrinsics;

namespace AhnSharp.Gpu.Cuda.Kernels;

// Memory by its address: of texts that a table on the device lists, each with buffers of its own. ILGPU's views cannot stand in a buffer.
internal static unsafe partial class Ptx
{
    /// <summary>Four words.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("ld.global.v4.u32 {%0, %1, %2, %3}, [%4];")]
    public static Word4 LoadWords(long address) => *(Word4*)address;

    /// <summary>Four floats.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("ld.global.v4.f32 {%0, %1, %2, %3}, [%4];")]
    public static Float4 LoadFloats(long address) => *(Float4*)address;

    /// <summary>A float.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("ld.global.f32 %0, [%1];")]
    public static float LoadFloat(long address) => *(float*)address;

    /// <summary>The bits of a half.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("ld.global.u16 %0, [%1];")]
    public static uint LoadHalf(long address) => *(ushort*)address;

    /// <summary>Four floats.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("st.global.v4.f32 [%0], {%1, %2, %3, %4};")]
    public static void StoreFloats(long address, Float4 value) => *(Float4*)address = value;

    /// <summary>A float.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("st.global.f32 [%0], %1;")]
    public static void StoreFloat(long address, float value) => *(float*)address = value;

    /// <summary>A word.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("st.global.u32 [%0], %1;")]
    public static void StoreWord(long address, uint value) => *(uint*)address = value;

    /// <summary>The low 16 bits of a word.</summary>
    [IntrinsicImplementation]
    [PtxInstruction("st.global.u16 [%0], %1;")]
    public static void StoreHalf(long address, uint value) => *(ushort*)address = (ushort)value;
}
