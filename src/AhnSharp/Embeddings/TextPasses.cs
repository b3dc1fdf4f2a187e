using System;
using System.Collections.Generic;
using System.Threading;
using AhnSharp.Sessions;

namespace AhnSharp.Embeddings;

/// <summary>Reads many short texts through one model: a pass takes rows of as many as fit, and whoever is read makes room.</summary>
/// <remarks>In their order, so that few sessions live at once and which texts share a pass depends on their lengths alone.</remarks>
internal sealed class TextPasses
{
    private readonly LanguageModel _model;
    private readonly List<Reading> _running = [];
    private readonly SequenceSlice[] _slices;
    private readonly StepOutcome[] _outcomes;

    /// <param name="model">Whatever computes it.</param>
    /// <param name="together">Most texts in a pass.</param>
    public TextPasses(LanguageModel model, int together)
    {
        _model = model;
        together = Math.Min(together, model.ChunkTokens); // each takes a row at least
        (_slices, _outcomes) = (new SequenceSlice[together], new StepOutcome[together]);
    }

    /// <summary>Says so where a text is longer than a context that keeps everything, before anything is read.</summary>
    /// <exception cref="ContextOverflowException">One is.</exception>
    public static void CheckLengths(SessionPlan plan, IReadOnlyList<int[]> texts)
    {
        if (!plan.Grows) return;
        foreach (int[] text in texts)
        {
            if (text.Length > plan.ContextTokens) throw new ContextOverflowException(text.Length, plan.ContextTokens);
        }
    }

    /// <summary>Reads texts to their ends.</summary>
    /// <param name="texts">Ids of each, at least one.</param>
    /// <param name="begin">Gives a session, and what the rows of a text are asked for; called in order.</param>
    /// <param name="end">Takes the session back, behind the whole text; whatever ends the reading early, too, with false.</param>
    /// <param name="cancellation">Ends it between and within passes.</param>
    public void Run(
        IReadOnlyList<int[]> texts, Func<int, SequenceSlice> begin, Action<int, LanguageSession, bool> end, CancellationToken cancellation)
    {
        int next = 0;
        try
        {
            while (next < texts.Count || _running.Count > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                while (next < texts.Count && _running.Count < _slices.Length && Waiting() < _model.ChunkTokens)
                {
                    _running.Add(new Reading(next, texts[next], begin(next)));
                    next++;
                }
                Step(cancellation);
                for (int i = 0; i < _running.Count;)
                {
                    Reading read = _running[i];
                    if (read.Done < read.Ids.Length) i++;
                    else
                    {
                        _running.RemoveAt(i);
                        end(read.Index, read.What.Session, true);
                    }
                }
            }
        }
        finally
        {
            foreach (Reading left in _running) end(left.Index, left.What.Session, false);
            _running.Clear();
        }
    }

    private int Waiting()
    {
        int rows = 0;
        foreach (Reading reading in _running) rows += reading.Ids.Length - reading.Done;
        return rows;
    }

    private void Step(CancellationToken cancellation)
    {
        int rows = 0, slices = 0;
        for (; slices < _running.Count && rows < _model.ChunkTokens; slices++)
        {
            Reading reading = _running[slices];
            int first = reading.Done, left = reading.Ids.Length - first, count = Math.Min(left, _model.ChunkTokens - rows);
            HiddenReader? hidden = reading.What.Hidden;
            _slices[slices] = reading.What with
            {
                Ids = reading.Ids.AsMemory(first, count),
                Cancellation = cancellation,
                WantsLogits = reading.What.WantsLogits && count == left,
                Hidden = hidden is null || !(reading.What.EveryHidden || count == left) ? null
                    : first == 0 ? hidden : (index, row) => hidden(first + index, row),
            };
            rows += count;
        }
        _model.Step(_slices.AsSpan(0, slices), _outcomes);
        for (int i = 0; i < slices; i++) _outcomes[i].ThrowUnlessDone();
        for (int i = 0; i < slices; i++) _running[i].Done += _slices[i].Ids.Length;
        _slices.AsSpan(0, slices).Clear();
    }

    private sealed class Reading(int index, int[] ids, SequenceSlice what)
    {
        public int Index => index;
        public int[] Ids => ids;
        public SequenceSlice What => what;
        public int Done { get; set; }
    }
}
