using System;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>Lets a model answer the questions of benchmarks: greedy, one fresh text a question, in one memory.</summary>
/// <remarks>
/// A prompt of more than <see cref="MaxPromptTokens"/> keeps its first and its last half of so many tokens, which are made into text again
/// and read as such, as LongBench, LV-Eval and InfiniteBench do; the template is put around what is left. One call at a time.
/// </remarks>
public sealed class BenchmarkRunner : IDisposable
{
    private readonly TextModel _model;
    private readonly Generator _generator;
    private readonly ChatTemplateUse _templateUse;

    /// <summary>Starts with a fresh session of the given options.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What the session keeps.</param>
    /// <param name="maxPromptTokens">Most tokens of a prompt, 2 or more.</param>
    /// <param name="templateUse">When prompts stand in the chat template.</param>
    public BenchmarkRunner(TextModel model, SessionOptions options, int maxPromptTokens, ChatTemplateUse templateUse)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPromptTokens, 2);
        (_model, MaxPromptTokens, _templateUse) = (model, maxPromptTokens, templateUse);
        _generator = new Generator(model.Model, model.Tokenizer, model.Model.CreateSession(options));
    }

    /// <summary>Most tokens of a prompt, before template and answer prefix.</summary>
    public int MaxPromptTokens { get; }

    /// <summary>Asks one question.</summary>
    /// <param name="file">Where it stands.</param>
    /// <param name="index">Its place there.</param>
    /// <param name="hash">Of its line.</param>
    /// <param name="item">The question.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>; nothing of the answer is kept.</param>
    /// <exception cref="ContextOverflowException">The memory full cannot hold a prompt that its benchmark does not cut.</exception>
    public async Task<BenchmarkResult> AnswerAsync(
        BenchmarkFile file, int index, string hash, BenchmarkItem item, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(item);
        long started = Stopwatch.GetTimestamp();
        (int[] ids, int cut) = await Task.Run(() => Encode(item), cancellation).ConfigureAwait(false);
        _generator.Reset();
        var answer = new StringBuilder();
        await foreach (string piece in _generator.GenerateAsync(
            ids, new GenerationOptions { MaxTokens = item.MaxNewTokens }, cancellationToken: cancellation).ConfigureAwait(false))
        {
            answer.Append(piece);
            if (item.FirstLineCounts && answer.ToString().TrimStart('\n').Contains('\n', StringComparison.Ordinal)) break;
        }
        string text = answer.ToString();
        return new BenchmarkResult(
            file.Benchmark.Name, item.Task, _generator.Session.Mode, index, hash, ids.Length, cut, text, item.Score(text),
            Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <inheritdoc/>
    public void Dispose() => _generator.Dispose();

    /// <summary>The prompt as ids, and how many tokens of its middle were left out.</summary>
    internal (int[] Ids, int CutTokens) Encode(BenchmarkItem item)
    {
        QwenTokenizer tokenizer = _model.Tokenizer;
        string prompt = item.Prompt;
        int cut = 0;
        if (item.CutsMiddle && tokenizer.Encode(prompt) is var whole && whole.Length > MaxPromptTokens)
        {
            int half = MaxPromptTokens / 2;
            prompt = tokenizer.Decode(whole.AsSpan(0, half)) + tokenizer.Decode(whole.AsSpan(whole.Length - half));
            cut = whole.Length - 2 * half;
        }
        bool inChat = _templateUse == ChatTemplateUse.Always || (_templateUse == ChatTemplateUse.Authors && item.InChat);
        if (!inChat || _model.Template is null) return (tokenizer.Encode(prompt + item.AnswerPrefix), cut);
        ImmutableArray<int> chat = [.. _model.Template.Encode(tokenizer, [new ChatMessage("user", prompt)])];
        return ([.. chat, .. tokenizer.Encode(item.AnswerPrefix)], cut);
    }
}
