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
}
