using System.CommandLine;
using System.CommandLine.Invocation;
using System.Linq;
using AhnSharp.Cli.Display;

namespace AhnSharp.Cli;

/// <summary><c>ahn --version</c>: version, commit, kind of build, and the kernels that this processor gets.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult) => Print();

    internal static int Print()
    {
        foreach (string line in BuildInfo.Lines()) Terminal.Print(line);
        return AhnCommand.Done;
    }

    /// <summary>Puts it behind the option that every root command has.</summary>
    internal static RootCommand On(RootCommand root)
    {
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction();
        return root;
    }
}
