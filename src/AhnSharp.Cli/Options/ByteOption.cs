using System.CommandLine;

namespace AhnSharp.Cli.Options;

/// <summary>An amount of memory as people write it.</summary>
internal static class ByteOption
{
    private static readonly (string Suffix, double Bytes)[] s_units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("B", 1),
    ];

    /// <summary>At least one byte, or 0 where that means none of it; null where the option is absent.</summary>
    internal static Option<long?> Create(string name, string description, bool mayBeNone = false) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (TryParse(text, out long bytes) || (mayBeNone && text == "0")) return bytes;
            result.AddError($"{name}: expected a size with its unit, such as 6GB or 512MiB, found '{text}'.");
            return null;
        },
    };

    internal static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        if (!UnitNumber.TryParse(text, s_units, out double value) || !(value is >= 1 and < 1e18)) return false;
        bytes = (long)value;
        return true;
    }
}
