using System;
using System.CommandLine;
using System.Threading.Tasks;
using AhnSharp.Cli.Commands;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;

namespace AhnSharp.Cli;

/// <summary>The command <c>ahn</c>: its subcommands, and what becomes of everything that goes wrong in them.</summary>
/// <remarks>
/// Exit codes: 0 done; 1 something failed (a missing or broken file, a text over the context); 2 wrong options; 130
/// interrupted (Ctrl-C); 143 ended by SIGTERM; 141 whoever read the output has left, as SIGPIPE would end it. Whatever goes
/// wrong is one sentence on standard error.
/// </remarks>
internal static class AhnCommand
{
    internal const int Done = 0, Failed = 1, Misused = 2, Interrupted = 130, ReaderLeft = 141, Terminated = 143;

    /// <summary>The whole command line; a new subcommand is one line here.</summary>
    internal static RootCommand Create() =>
        VersionAction.On(new("Qwen2.5 with artificial hippocampus networks: reads long texts in memory of fixed size.")
        {
            DemoCommand.Create(),
            RunCommand.Create(),
            ChatCommand.Create(),
            ReadCommand.Create(),
            TextCommand.Create(),
            AskCommand.Create(),
            ServeCommand.Create(),
            ConvertCommand.Create(),
            QuantizeCommand.Create(),
            SynthCommand.Create(),
            InspectCommand.Create(),
            FitCommand.Create(),
            DevicesCommand.Create(),
            DoctorCommand.Create(),
            PerplexityCommand.Create(),
            RecallCommand.Create(),
            CalibrateCommand.Create(),
            EvalCommand.Create(),
            BenchCommand.Create(),
            PullCommand.Create(),
            ListCommand.Create(),
            RemoveCommand.Create(),
        });

    internal static async Task<int> RunAsync(string[] args)
    {
        try
        {
            // Asked by scripts before anything else: an image compiled ahead of time answers without building all commands first.
            StandardStreams.Prepare();
            if (args is ["--version"]) return VersionAction.Print();
            // '@name' in a prompt is text, not a file of further options.
            ParseResult parsed = Create().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count > 0) throw new UsageException($"{Mistake(parsed)} {HelpHint(parsed)}");
            if (Choice.MistypedOption(parsed) is { } option)
                throw new UsageException($"There is no option '{option}' here; behind '--' everything is a word. {HelpHint(parsed)}");
            InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            using CtrlC ctrlC = new();
            return await parsed.InvokeAsync(invocation, ctrlC.Leaving);
        }
#pragma warning disable CA1031 // The one place where failures end: each becomes a sentence and an exit code.
        catch (Exception e)
#pragma warning restore CA1031
        {
            (int exitCode, string sentence) = Failure.Explain(e);
            if (exitCode != ReaderLeft) Terminal.Complain(sentence);
            return exitCode;
        }
    }

    // An unknown word is more than the command that is missed because of it.
    private static string Mistake(ParseResult parsed) =>
        parsed.UnmatchedTokens.Count > 0 ? $"There is no command or option '{parsed.UnmatchedTokens[0]}' here." : parsed.Errors[0].Message;

    private static string HelpHint(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        return command is RootCommand ? "('ahn --help' lists the commands.)" : $"('ahn {command.Name} --help' lists the options.)";
    }
}
