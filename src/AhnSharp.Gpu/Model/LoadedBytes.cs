namespace AhnSharp.Gpu.Model;

/// <summary>How far the weights have come on their way to a device.</summary>
/// <param name="Done">Bytes read.</param>
/// <param name="Total">Bytes there are.</param>
public readonly record struct LoadedBytes(long Done, long Total);
