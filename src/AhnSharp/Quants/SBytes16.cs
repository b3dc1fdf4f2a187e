using System.Runtime.CompilerServices;

namespace AhnSharp.Quants;

/// <summary>16 signed bytes that lie inside a block.</summary>
[InlineArray(16)]
internal struct SBytes16
{
    private sbyte _first;
}
