using System.CommandLine;
using System.Linq;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Settings;

namespace AhnSharp.Cli.Options;

/// <summary><c>--quiet</c> and <c>--verbose</c>, which every command takes: what is told on standard error beside answers.</summary>
internal static class VerbosityOptionGroup
{
    private const string QuietName = "--quiet", VerboseName = "--verbose";

    internal static void AddTo(RootCommand root)
    {
        Option<bool> quiet = new(QuietName, "-q")
        {
            Description = "Tells nothing beside answers and results but errors and warnings.",
            Arity = ArgumentArity.Zero,
            Recursive = true,
        };
        Option<bool> verbose = new(VerboseName)
        {
            Description = "Tells what is loaded, what it takes of memory, and how fast it was.",
            Arity = ArgumentArity.Zero,
            Recursive = true,
        };
        root.Add(quiet);
        root.Add(verbose);
    }

    /// <summary>What the line asks for, else what a person has set.</summary>
    internal static Verbosity Read(ParseResult parsed)
    {
        bool quiet = parsed.GetValue<bool>(QuietName), verbose = parsed.GetValue<bool>(VerboseName);
        if (quiet && verbose) throw new UsageException("--quiet tells less and --verbose more: give one of the two.");
        if (quiet) return Verbosity.Quiet;
        if (verbose) return Verbosity.Verbose;
        // 'ahn config' mends a settings file that cannot be read; it must not end by it.
        return Help.HelpPrinting.Path(parsed.CommandResult).FirstOrDefault() == "config" ? Verbosity.Normal
            : UserSettings.Here.Value(SettingKey.Verbosity) switch
            {
                "quiet" => Verbosity.Quiet,
                "verbose" => Verbosity.Verbose,
                _ => Verbosity.Normal,
            };
    }
}
