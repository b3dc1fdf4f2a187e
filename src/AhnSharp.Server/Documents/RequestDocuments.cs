using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Server.Http;
using Microsoft.AspNetCore.Http;

namespace AhnSharp.Server.Documents;

/// <summary>The documents that a request names, from the store.</summary>
/// <remarks>
/// A client that has just sent a file asks at once: what is read within a minute is waited for. Several documents, or one that another
/// model has read, become a document of their own, which is found again by the next request and goes with the first of them.
/// </remarks>
internal sealed class RequestDocuments(IDocuments store) : IRequestDocuments
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a request waits for a document to be read.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    public async Task<IOpenDocuments> OpenAsync(
        IReadOnlyList<string> ids, TextEngine engine, string modelId, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        foreach (string id in ids) await SettledAsync(id, started, cancellation).ConfigureAwait(false);
        string asked = (await store.TogetherAsync(ids, modelId).ConfigureAwait(false)).Record.Id;
        await SettledAsync(asked, started, cancellation).ConfigureAwait(false);
        OpenDocument document = await store.OpenAsync(asked, cancellation).ConfigureAwait(false);
        if (document.Engine == engine) return new Opened(store.Texts, document);
        document.Dispose();
        throw ApiException.Busy(StatusCodes.Status503ServiceUnavailable, "model_unavailable",
            $"{asked}: the model was unloaded meanwhile: ask again.", TimeSpan.FromSeconds(1));
    }

    // Until nothing more happens to it, or patience ends; then opening it says how far it is.
    private async Task SettledAsync(string id, long started, CancellationToken cancellation)
    {
        while (await store.GetAsync(id).ConfigureAwait(false) is { Record.IsSettled: false } view)
        {
            if (Stopwatch.GetElapsedTime(started) > Patience || view.Reading?.SecondsLeft > 2 * Patience.TotalSeconds)
                throw DocumentRefusals.NotReady(view);
            await Task.Delay(s_look, cancellation).ConfigureAwait(false);
        }
    }

    private sealed class Opened(DocumentTexts texts, OpenDocument document) : IOpenDocuments
    {
        public DocumentContext Context => document.Context;

        public IReadOnlyList<AnswerPassage> PlacesOf(IReadOnlyList<AnswerSource> sources)
        {
            // Behind the document stands the conversation.
            AnswerSource[] own = [.. sources.Where(IsOfText)];
            Queue<AnswerPassage> places = new(texts.SourcesOf(document, own));
            return [.. sources.Select(source => IsOfText(source) ? places.Dequeue() : new AnswerPassage(source))];
        }

        public void Dispose() => document.Dispose();

        private bool IsOfText(AnswerSource source) => source.FirstToken < document.Context.Tokens.Seen;
    }
}
