using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;

namespace AhnSharp.Server.Answers;

/// <summary>An answer that has ended, put together from what was said.</summary>
internal sealed class WholeAnswer
{
    private readonly StringBuilder _text = new(), _thoughts = new();
    private readonly List<(string Name, StringBuilder Arguments)> _calls = [];

    /// <summary>What it says.</summary>
    public string Text => _text.ToString();

    /// <summary>Its thoughts; empty where it has none.</summary>
    public string Thoughts => _thoughts.ToString();

    /// <summary>The functions it calls.</summary>
    public IEnumerable<(string Name, string Arguments)> Calls => _calls.Select(static call => (call.Name, call.Arguments.ToString()));

    /// <summary>Its tokens, where they were asked for.</summary>
    public List<GeneratedToken> Tokens { get; } = [];

    /// <summary>How it ended.</summary>
    public AnswerEnd End { get; private set; } = null!;

    /// <summary>All answers of a run, once all have ended.</summary>
    public static async Task<WholeAnswer[]> AllAsync(AnswerRun run, int count, CancellationToken cancellation)
    {
        WholeAnswer[] all = [.. Enumerable.Range(0, count).Select(static _ => new WholeAnswer())];
        await foreach (AnswerEvent next in run.EventsAsync(cancellation).ConfigureAwait(false)) all[next.Index].Add(next);
        return all;
    }

    /// <summary>Takes the next of it.</summary>
    public void Add(AnswerEvent next)
    {
        Tokens.AddRange(next.Tokens);
        foreach (AnswerPart part in next.Parts)
        {
            switch (part.Kind)
            {
                case AnswerPartKind.Text:
                    _text.Append(part.Text);
                    break;
                case AnswerPartKind.Thought:
                    _thoughts.Append(part.Text);
                    break;
                case AnswerPartKind.CallBegins:
                    _calls.Add((part.Text, new StringBuilder()));
                    break;
                case AnswerPartKind.CallArguments:
                    _calls[^1].Arguments.Append(part.Text);
                    break;
                case AnswerPartKind.CallBreaks:
                    _calls.RemoveAt(_calls.Count - 1);
                    _text.Append(part.Text);
                    break;
            }
        }
        if (next.End is { } end) End = end;
    }
}
