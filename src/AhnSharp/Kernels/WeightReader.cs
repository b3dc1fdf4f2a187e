using System;

namespace AhnSharp.Kernels;

/// <summary>
/// Copies bytes of a weight tensor as stored, rows of blocks, from <paramref name="byteOffset"/> of its data on;
/// called by several threads at once.
/// </summary>
internal delegate void WeightReader(long byteOffset, Span<byte> destination);
