using System;
using System.CommandLine;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Cli.Commands;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Help;
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
    internal static RootCommand Create()
    {
        RootCommand root = VersionAction.On(new("Reads documents of any length with a language model, in memory that does not grow.")
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
            TrainCommand.Create(),
            InspectCommand.Create(),
            TokensCommand.Create(),
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
            UseCommand.Create(),
            ConfigCommand.Create(),
        });
        root.Add(HelpCommand.Create(root));
        root.Add(HelpCommand.CreateVersion());
        root.Add(CompletionCommand.Create());
        root.Add(ManCommand.Create(root));
        VerbosityOptionGroup.AddTo(root);
        HelpPrinting.On(root);
        root.SetAction(static _ =>
        {
            foreach (string line in HelpText.Start(Terminal.ReadingWidth)) Terminal.Print(line);
            return Done;
        });
        return root;
    }

    /// <param name="args">The line.</param>
    /// <param name="create">The command line of another program that is built of these commands; null: <see cref="Create"/>.</param>
    internal static async Task<int> RunAsync(string[] args, Func<RootCommand>? create = null)
    {
        try
        {
            // Asked by scripts before anything else: an image compiled ahead of time answers without building all commands first.
            StandardStreams.Prepare();
            if (args is ["--version"] or ["-v"]) return VersionAction.Print();
            // '@name' in a prompt is text, not a file of further options.
            ParseResult parsed = (create ?? Create)().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (Choice.MistypedOption(parsed) is { } option)
                throw new UsageException($"{Mistakes.Unknown(parsed, option)} Behind '--' everything is a word.");
            if (parsed.Errors.Count > 0) throw new UsageException(Mistakes.Sentence(parsed));
            Terminal.Verbosity = VerbosityOptionGroup.Read(parsed);
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
            if (exitCode is Failed or Misused) TellProgram(MachineOutput.Asked(args), exitCode, sentence);
            return exitCode;
        }
    }

    // Who asked for JSON gets an object also of what went wrong, where standard output still takes one.
    private static void TellProgram(string? asked, int exitCode, string sentence)
    {
        void Members(Utf8JsonWriter json)
        {
            json.WriteStartObject("error");
            json.WriteNumber("code", exitCode);
            json.WriteString("message", sentence);
            json.WriteEndObject();
        }

        try
        {
            // On one line: 'ahn chat --json' prints an object a line.
            if (asked == MachineOutput.Json) EventStream.WriteLine(Members);
            else if (asked == MachineOutput.JsonLines) EventStream.Write("error", Members);
        }
        catch (Exception e) when (e is IOException or ReaderLeftException)
        {
            // The sentence was told, and nobody reads more.
        }
    }
}
