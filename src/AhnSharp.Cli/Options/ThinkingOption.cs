using System.CommandLine;

namespace AhnSharp.Cli.Options;

/// <summary><c>--thinking on|off</c>: whether a model that can think does so before it answers.</summary>
internal sealed class ThinkingOption
{
    private readonly Option<bool?> _thinking = Choice.Of(
        "--thinking", "Whether the model thinks before it answers, where its chat template knows enable_thinking, as Qwen3's does "
        + "(default: as the template has it).", ("on", true), ("off", false));

    internal void AddTo(Command command) => command.Add(_thinking);

    /// <summary>Sets a session to what the line says; a template that knows no such choice is an error.</summary>
    internal void Apply(ParseResult parsed, TextModel model, TextSession session, bool raw = false)
    {
        if (parsed.GetValue(_thinking) is not { } thinking) return;
        if (raw) throw new UsageException("--thinking needs the chat template, which --raw leaves out: give one of the two.");
        if (model.Template is not { KnowsThinking: true })
        {
            throw new UsageException(
                "--thinking needs a chat template that knows enable_thinking, and this file has none: leave the option out.");
        }
        session.Thinking = thinking;
    }
}
