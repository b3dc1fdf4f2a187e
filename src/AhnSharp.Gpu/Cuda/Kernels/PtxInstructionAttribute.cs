using System;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>The PTX that stands for a method of <see cref="Ptx"/> on a CUDA device.</summary>
/// <param name="template">
/// Instructions with <c>%0</c>, <c>%1</c>, …: the registers of the result (a struct counts field by field, void counts none), then those of
/// the arguments. A view is two registers, address and length.
/// </param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PtxInstructionAttribute(string template) : Attribute
{
    /// <summary>The instructions, with numbered registers.</summary>
    public string Template { get; } = template;

    /// <summary>The compute capability from which on it is there; before, the method is nothing, and must return nothing.</summary>
    public int Major { get; init; }
}
