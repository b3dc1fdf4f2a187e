using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cluster.Placement;
using AhnSharp.Cluster.Storage;
using AhnSharp.Generation;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Http;
using AhnSharp.Server.Security;
using AhnSharp.Tokenizer;
using Microsoft.AspNetCore.Http;
using Orleans;

namespace AhnSharp.Cluster.Grains;

/// <inheritdoc cref="IDocumentGrain"/>
/// <remarks>Activated, it looks its record up; deactivated, its reading ends at a checkpoint. In between all is written at once.</remarks>
[DocumentPlacement]
internal sealed class DocumentGrain(SiloDocuments silo, AnswerService answers) : Grain, IDocumentGrain
{
    private KeptDocument _document = null!;

    private string Id => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _document = new KeptDocument(Id, silo);
        _document.Load();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _document.EndAsync();

    public Task<DocumentStanding> CreateAsync(byte[] record) => Changing(() =>
    {
        _document.Create(DocumentRecord.Parse(record));
        return Standing();
    });

    public Task<DocumentStanding> ReadAsync() => Changing(() =>
    {
        _document.Read();
        return Standing();
    });

    public Task<DocumentStanding> DescribeAsync() => Changing(Standing);

    public async IAsyncEnumerable<AnswerPiece> AskAsync(
        DocumentQuestion question, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        DocumentRecord record = Standing().ToView().Record;
        AnswerRun run;
        try
        {
            run = await answers.StartAsync(new AnswerRequest
            {
                Model = record.ModelId ?? record.Model,
                Turns = [new ChatMessage("user", question.Text)],
                Generation = answers.Defaults with { MaxTokens = question.MaxTokens ?? answers.Defaults.MaxTokens },
                Documents = [Id],
            }, new Client(question.Client, null, 0), cancellation);
        }
        catch (ApiException refusal)
        {
            throw new RefusedException(refusal);
        }
        await using (run)
        {
            await foreach (AnswerEvent next in run.EventsAsync(cancellation))
            {
                string text = string.Concat(
                    next.Parts.Where(static part => part.Kind == AnswerPartKind.Text).Select(static part => part.Text));
                string? end = next.End?.Reason.ToString().ToLower(CultureInfo.InvariantCulture);
                if (text.Length > 0 || end is not null) yield return new AnswerPiece { Text = text, End = end };
            }
        }
    }

    public async Task<DocumentStanding> ForkAsync(string id, long number, string? name)
    {
        DocumentRecord fork = _document.Fork(id, number, name) ?? throw Unknown();
        return await GrainFactory.GetGrain<IDocumentGrain>(id).CreateAsync(JsonReply.BytesOf(fork.Write));
    }

    public async Task DeleteAsync()
    {
        bool was;
        try
        {
            was = await _document.DeleteAsync();
        }
        catch (VersionConflictException conflict)
        {
            throw Moved(conflict);
        }
        DeactivateOnIdle();
        if (!was) throw Unknown();
    }

    private static RefusedException Unknown() => new(DocumentRefusals.Unknown(null));

    // Who finds that another has written looks everything up anew, with the next call.
    private Task<DocumentStanding> Changing(Func<DocumentStanding> change)
    {
        try
        {
            DocumentStanding standing = change();
            if (_document.IsStale) DeactivateOnIdle();
            return Task.FromResult(standing);
        }
        catch (VersionConflictException conflict)
        {
            return Task.FromException<DocumentStanding>(Moved(conflict));
        }
    }

    private RefusedException Moved(VersionConflictException conflict)
    {
        DeactivateOnIdle();
        return new RefusedException(ApiException.Busy(
            StatusCodes.Status503ServiceUnavailable, "document_moved", conflict.Message, TimeSpan.FromSeconds(1)));
    }

    private DocumentStanding Standing()
    {
        if (_document.Standing is { } standing) return standing;
        DeactivateOnIdle(); // nothing is kept for ids that somebody has made up
        throw Unknown();
    }
}
