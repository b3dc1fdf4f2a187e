using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Embeddings;

/// <summary>Documents in the order in which they fit a query: the model reads each beside the query, and is asked yes or no.</summary>
public static class TextReranking
{
    // The prompt of Qwen3-Reranker, as its model card writes it; the three parts are cut into tokens each by itself.
    private const string
        Head = "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct provided. "
            + "Note that the answer can only be \"yes\" or \"no\".<|im_end|>\n<|im_start|>user\n",
        Tail = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n";

    private static readonly string[] s_specials = ["<|im_start|>", "<|im_end|>"];

    /// <summary>Ranks documents, several together in one pass; what all prompts begin with, the query included, is read once.</summary>
    /// <param name="model">A model made for it (Qwen3-Reranker), or any that follows instructions.</param>
    /// <param name="query">What is looked for; nothing in it is special.</param>
    /// <param name="documents">Where; nothing in them is special.</param>
    /// <param name="options">How; null: the defaults.</param>
    /// <param name="cancellationToken">Ends it, within a pass too.</param>
    /// <returns>All of them, best first; of equal ones the earlier.</returns>
    /// <exception cref="ContextOverflowException">A document's prompt is longer than a context that keeps everything: nothing was read,
    /// and no document is ever cut.</exception>
    /// <exception cref="NotSupportedException">The model has no such special tokens, or yes or no is not one token of it.</exception>
    public static async Task<IReadOnlyList<RankedDocument>> RerankAsync(
        this TextModel model, string query, IReadOnlyList<string> documents, RerankOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(documents);
        options ??= new RerankOptions();
        options.Check();
        return await Task.Run(() => Rerank(model, query, documents, options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private static RankedDocument[] Rerank(
        TextModel model, string query, IReadOnlyList<string> documents, RerankOptions options, CancellationToken cancellation)
    {
        int yes = Answer(model.Tokenizer, options.Yes), no = Answer(model.Tokenizer, options.No);
        int[][] prompts = Prompts(model.Tokenizer, query, documents, options.Instruction, cancellation);
        TextPasses.CheckLengths(model.Model.Plan(options.Session), prompts);
        int shared = SharedTokens(prompts);
        double[] scores = new double[prompts.Length];
        using LanguageSession? beginning = shared == 0 ? null : model.Model.CreateSession(options.Session);
        if (beginning is not null)
        {
            var slice = new SequenceSlice(beginning, prompts[0].AsMemory(0, shared), WantsLogits: false, Cancellation: cancellation);
            model.Model.Forward([slice], cancellation);
        }
        new TextPasses(model.Model, options.DocumentsTogether).Run(
            [.. prompts.Select(prompt => prompt[shared..])],
            _ => new SequenceSlice(beginning?.Fork() ?? model.Model.CreateSession(options.Session), default),
            (i, session, isRead) =>
            {
                if (isRead) scores[i] = 1 / (1 + Math.Exp((double)session.LastLogits[no] - session.LastLogits[yes]));
                session.Dispose();
            },
            cancellation);
        return
        [
            .. scores.Select((score, i) => new RankedDocument(i, score, prompts[i].Length, prompts[i].Length - shared))
                .OrderByDescending(document => document.Score), // stable
        ];
    }

    private static int[][] Prompts(
        QwenTokenizer tokenizer, string query, IReadOnlyList<string> documents, string instruction, CancellationToken cancellation)
    {
        foreach (string special in s_specials)
        {
            if (tokenizer.IdOf(special) is null)
                throw new NotSupportedException($"Ranking writes turns of Qwen: expected the special token {special}, found none such.");
        }
        int[] head = tokenizer.Begun(tokenizer.EncodeWithSpecials(Head)), tail = tokenizer.EncodeWithSpecials(Tail);
        int[][] prompts = new int[documents.Count][];
        for (int i = 0; i < prompts.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            ArgumentNullException.ThrowIfNull(documents[i]);
            string turn = $"<Instruct>: {instruction}\n<Query>: {query}\n<Document>: {documents[i]}";
            prompts[i] = [.. head, .. tokenizer.Encode(turn), .. tail];
        }
        return prompts;
    }

    // Whole tokens that all prompts begin with: cutting texts at the query's end would give other tokens than the whole prompt has.
    private static int SharedTokens(int[][] prompts)
    {
        if (prompts.Length < 2) return 0;
        int shared = prompts.Min(prompt => prompt.Length) - 1; // the last token of each gives its logits
        foreach (int[] prompt in prompts) shared = Math.Min(shared, prompt.AsSpan().CommonPrefixLength(prompts[0]));
        return shared;
    }

    private static int Answer(QwenTokenizer tokenizer, string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        int[] ids = tokenizer.Encode(word);
        return ids.Length == 1 ? ids[0] : throw new NotSupportedException(
            $"The answer '{word}': expected one token of the model, whose logit is the answer, found {ids.Length}.");
    }
}
