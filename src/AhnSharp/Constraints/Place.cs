namespace AhnSharp.Constraints;

/// <summary>Where an answer stands, in the table that knew it when it got there. Changed by <see cref="MaskEngine"/> alone, in its
/// turn.</summary>
internal sealed class Place(ConfigTable table, Config config)
{
    public ConfigTable Table { get; private set; } = table;
    public Config Config { get; private set; } = config;

    public bool MayEnd => Config.MayEnd;
    public bool MustEnd => Config.MayEnd && Config.Readings.Length == 0;

    public void Move(ConfigTable table, Config config) => (Table, Config) = (table, config);
}
