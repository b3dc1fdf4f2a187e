namespace AhnSharp.Snapshots;

/// <summary>What a section of a snapshot holds; the numbers are those of the file.</summary>
public enum SnapshotSectionKind
{
    /// <summary>The ids of all tokens seen, i32.</summary>
    Tokens = 1,

    /// <summary>The logits behind the last token, [vocabulary] f32.</summary>
    Logits = 2,

    /// <summary>Exact memory of one layer: keys [K][n] rows, values [K][n] rows, gates [tokens of the window][g] f32.</summary>
    Ring = 3,

    /// <summary>Compressed memory of one layer: [H, D, D] f32.</summary>
    Memory = 4,

    /// <summary>What the application keeps, under a name of its own.</summary>
    Application = 5,

    /// <summary>
    /// exp(A_log) of one layer of Mamba2, [H] f64: what the gates leave to the weights, so that a file can be described without its model.
    /// </summary>
    DecayRates = 6,
}
