namespace AhnSharp.Snapshots;

/// <summary>One part of a snapshot, followed in the file by its CRC-32C.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Layer">Of ring and memory; else 0.</param>
/// <param name="Name">Of the application's; else empty.</param>
/// <param name="ByteOffset">Its first byte in the file.</param>
/// <param name="ByteLength">Its bytes without the CRC.</param>
public readonly record struct SnapshotSection(SnapshotSectionKind Kind, int Layer, string Name, long ByteOffset, long ByteLength)
{
    /// <summary>As sentences name it.</summary>
    public string Title => Kind switch
    {
        SnapshotSectionKind.Tokens => "tokens",
        SnapshotSectionKind.Logits => "logits",
        SnapshotSectionKind.Ring => $"ring of layer {Layer}",
        SnapshotSectionKind.DecayRates => $"decay rates of layer {Layer}",
        SnapshotSectionKind.Memory => $"memory of layer {Layer}",
        _ => $"'{Name}'",
    };
}
