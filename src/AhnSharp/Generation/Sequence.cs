using System;
using System.Text;
using System.Threading;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>
/// One text on its way through a <see cref="Scheduler"/>: its session, the ids that wait to be read into it, and
/// the answer that is being written.
/// </summary>
/// <remarks>Data, and no thread of its own: the scheduler cuts, reads and appends. Not for two schedulers at once.</remarks>
internal sealed class Sequence
{
    /// <summary>The most tokens of a prompt that ask an archive; those before them are read.</summary>
    public const int AskedTokens = 256;

    // Where an answer looks for the beginning of its turn.
    private const int TailTokens = 16;

    private readonly StringBuilder _text = new();
    private int[] _ids = [];
    private int _first, _end; // the ids that wait are _ids[_first.._end]
    private TokenPhase[] _phases = []; // of each of _ids

    public Sequence(LanguageSession session, ReadOnlySpan<int> waiting)
    {
        Session = session;
        Append(waiting, TokenPhase.Reading);
    }

    /// <summary>What is read.</summary>
    public LanguageSession Session { get; }

    /// <summary>Ids of the text that wait to be read, in their order.</summary>
    public ReadOnlySpan<int> Waiting => _ids.AsSpan(_first, _end - _first);

    /// <summary>Ids that wait.</summary>
    public int WaitingCount => _end - _first;

    /// <summary>What is written once nothing waits; null: the sequence only reads.</summary>
    public Answer? Answer { get; set; }

    /// <summary>Where readings are cut into passes; null: into whole chunks from where each begins.</summary>
    public PromptCuts? Cuts { get; set; }

    /// <summary>
    /// Where a reading in the background began: it gets what others leave of a pass (<see cref="BackgroundPiece"/>). Null: it is none.
    /// </summary>
    public long? BackgroundFrom { get; set; }

    /// <summary>So many ids it may still read before it rests.</summary>
    public int MaxToRead { get; set; } = int.MaxValue;

    /// <summary>Takes it out of the pass it is in.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>Why the last pass did not read its ids; null: it did.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Is told after each pass that read ids of it: how many.</summary>
    public Action<int>? Read { get; set; }

    /// <summary>Is told after each step in which it took part, on the scheduler's thread.</summary>
    public Action? Advanced { get; set; }

    /// <summary>Whether there is nothing left to do: nothing to read, and no answer under way; or it failed.</summary>
    public bool IsAtRest => Failure is not null || ((WaitingCount == 0 || MaxToRead == 0) && !IsWriting);

    /// <summary>Whether an answer is under way.</summary>
    public bool IsWriting => Answer is { HasEnded: false };

    /// <summary>Adds ids to the text.</summary>
    public void Append(ReadOnlySpan<int> ids, TokenPhase phase)
    {
        if (_end + ids.Length > _ids.Length)
        {
            int waiting = WaitingCount, needed = waiting + ids.Length;
            bool fits = needed <= _ids.Length / 2;
            int[] larger = fits ? _ids : new int[Math.Max(16, 2 * needed)];
            TokenPhase[] phases = fits ? _phases : new TokenPhase[larger.Length];
            _ids.AsSpan(_first, waiting).CopyTo(larger);
            _phases.AsSpan(_first, waiting).CopyTo(phases);
            (_ids, _phases, _first, _end) = (larger, phases, 0, waiting);
        }
        ids.CopyTo(_ids.AsSpan(_end));
        _phases.AsSpan(_end, ids.Length).Fill(phase);
        _end += ids.Length;
    }

    /// <summary>Adds ids that somebody gave to be read.</summary>
    /// <inheritdoc cref="AppendPrompt"/>
    public void AppendText(ReadOnlySpan<int> ids)
    {
        Check(ids);
        Append(ids, TokenPhase.Reading);
    }

    /// <summary>Adds a turn that somebody gave to be answered: its end is the question, what stands before it a text to be read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not of the vocabulary; nothing was added.</exception>
    /// <exception cref="ContextOverflowException">They do not fit: said before hours are spent on those that do.</exception>
    public void AppendPrompt(ReadOnlySpan<int> ids)
    {
        Check(ids);
        int read = Math.Max(0, ids.Length - AskedTokens);
        Append(ids[..read], TokenPhase.Reading);
        Append(ids[read..], TokenPhase.Asking);
    }

    /// <summary>An answer behind all that was read and waits; it is written once <see cref="Answer"/> is set to it.</summary>
    /// <param name="tokenizer">Whose ids they are.</param>
    /// <param name="options">How to draw, where to end.</param>
    /// <param name="readBefore">Tokens of its prompt that the session has read already, for it.</param>
    public Answer NewAnswer(QwenTokenizer tokenizer, GenerationOptions options, int readBefore = 0)
    {
        Sampler sampler = Sampler.For(tokenizer, Session.Model.Config.VocabularySize, options.Sampling);
        // The last ids of the text, for penalties: what waits stands behind what was read.
        int[] last = Last(Math.Max(TailTokens, options.Sampling.PenaltyTokens));
        foreach (int id in last.AsSpan(^Math.Min(last.Length, options.Sampling.PenaltyTokens)..)) sampler.Accept(id);
        return new Answer(tokenizer, options, sampler, last, WaitingCount + readBefore, Session.Position - readBefore);
    }

    /// <summary>What the next id does with the session's archive.</summary>
    public TokenPhase Phase => WaitingCount > 0 ? _phases[_first] : TokenPhase.Reading;

    /// <summary>
    /// How many of the next <paramref name="most"/> ids one pass may take: where there is an archive, those that do the same with it.
    /// </summary>
    public int AlikeUpTo(int most)
    {
        if (Session.Archive is null || most == 0) return most;
        int alike = _phases.AsSpan(_first, most).IndexOfAnyExcept(_phases[_first]);
        return alike < 0 ? most : alike;
    }

    /// <summary>The next ids as a pass takes them; valid until the next <see cref="Append"/>.</summary>
    public ReadOnlyMemory<int> Next(int count) => _ids.AsMemory(_first, count);

    /// <summary>The first <paramref name="count"/> ids have been read.</summary>
    public void Done(int count)
    {
        _first += count;
        if (MaxToRead != int.MaxValue) MaxToRead -= count;
        Cuts?.Reached(Session);
        Read?.Invoke(count);
    }

    /// <summary>Forgets what waits.</summary>
    public void ClearWaiting() => (_first, _end) = (0, 0);

    /// <summary>Adds to what the answer has said.</summary>
    public void Say(string text) => _text.Append(text);

    /// <summary>What the answer has said since the last call; empty where nothing.</summary>
    public string TakeText()
    {
        if (_text.Length == 0) return "";
        string text = _text.ToString();
        _text.Clear();
        return text;
    }

    // The last ids of the text, at most so many.
    private int[] Last(int most)
    {
        ReadOnlySpan<int> waiting = Waiting, read = Session.Tokens;
        waiting = waiting[^Math.Min(most, waiting.Length)..];
        read = read[^Math.Min(most - waiting.Length, read.Length)..];
        return [.. read, .. waiting];
    }

    private void Check(ReadOnlySpan<int> ids)
    {
        int vocabulary = Session.Model.Config.VocabularySize;
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)vocabulary)
                throw new ArgumentOutOfRangeException(nameof(ids), $"Expected token ids from 0 to {vocabulary - 1}, found {id}.");
        }
        Session.CheckRoom(WaitingCount + ids.Length);
    }
}
