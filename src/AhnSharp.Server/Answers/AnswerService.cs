using System;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Extensions.AI;
using AhnSharp.Generation;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Http;
using AhnSharp.Server.Metrics;
using AhnSharp.Server.Models;
using AhnSharp.Server.Operation;
using AhnSharp.Server.Security;
using Microsoft.Extensions.Logging;

namespace AhnSharp.Server.Answers;

/// <summary>Begins answers: the model is loaded, a turn is waited for, documents are opened.</summary>
internal sealed class AnswerService(
    ModelRegistry models, AhnServerOptions options, ServerState state, ServerMetrics metrics, ILoggerFactory loggers,
    IRequestDocuments? documents = null)
{
    private readonly ILogger _logger = loggers.CreateLogger("AhnSharp.Server");

    /// <summary>How answers are drawn where a request does not say.</summary>
    public GenerationOptions Defaults => options.Generation;

    /// <summary>Begins an answer, once it has its turn.</summary>
    /// <exception cref="ApiException">It cannot be begun.</exception>
    public async Task<AnswerRun> StartAsync(AnswerRequest request, Client client, CancellationToken cancellation)
    {
        if (options.LogTexts)
            ServerLog.Asked(_logger, client.Name, request.Text ?? (request.Turns.Count > 0 ? request.Turns[^1].Content ?? "" : ""));
        ModelLease lease = await models.AcquireAsync(request.Model, cancellation).ConfigureAwait(false);
        if (request.KeepAlive is { } keep) lease.Keep(keep);
        IDisposable? turn = null;
        IOpenDocuments? opened = null;
        CompletionSet? set = null;
        try
        {
            turn = await lease.Admission.EnterAsync(client.Name, client.MaxAnswers, client.Priority, cancellation).ConfigureAwait(false);
            if (request.Documents.Count > 0)
            {
                if (documents is null) throw ApiException.Unsupported("documents", "this server keeps no documents.");
                opened = await documents.OpenAsync(request.Documents, lease.Engine, lease.ModelId, cancellation).ConfigureAwait(false);
            }
            CompletionOptions how = new()
            {
                Generation = request.Generation,
                Session = lease.Options.ToSessionOptions(),
                Tools = request.Tools,
                ToolChoice = request.ToolChoice,
                ParallelCalls = request.ParallelCalls,
                Thinking = request.Thinking,
                RecordsSources = request.WantsSources || opened is not null,
                ReusesPrefix = request.ReusesPrefix,
            };
            if (request.Thinking == true && lease.Engine.Model.Template is { KnowsThinking: false })
                throw ApiException.Unsupported("reasoning", "the chat template of this model knows no thoughts.");
            Completion[] answers;
            if (request.Count > 1)
            {
                set = Many(lease.Engine, request, opened, how);
                answers = [.. set.Answers];
            }
            else
            {
                answers = [One(lease.Engine, request, opened, how)];
            }
            return new AnswerRun(request, answers, lease, opened, [set, opened, turn, lease],
                AhnTelemetry.Start(request.Text is null ? "chat" : "text_completion", lease.ModelId), metrics, cancellation, state.End);
        }
        catch
        {
            set?.Dispose();
            opened?.Dispose();
            turn?.Dispose();
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Tells the log of an answer that has ended.</summary>
    public void Log(Client client, string method, string path, AnswerRun run)
    {
        metrics.Answered(run.ModelId, run.ReadTokens, run.ReusedTokens, run.WrittenTokens);
        ServerLog.Answered(_logger, client.Name, method, path, 200, run.ReadTokens, run.ReusedTokens, run.WrittenTokens, run.Seconds);
        if (options.LogTexts) ServerLog.Said(_logger, client.Name, run.Said);
    }

    private static Completion One(TextEngine engine, AnswerRequest request, IOpenDocuments? documents, CompletionOptions how) =>
        request.Text is { } text ? engine.Continue(text, how)
            : documents is null ? engine.Complete(request.Turns, how) : engine.Complete(documents.Context, request.Turns, how);

    private static CompletionSet Many(TextEngine engine, AnswerRequest request, IOpenDocuments? documents, CompletionOptions how) =>
        request.Text is { } text ? engine.ContinueMany(text, request.Count, how)
            : documents is null ? engine.CompleteMany(request.Turns, request.Count, how)
                : engine.CompleteMany(documents.Context, request.Turns, request.Count, how);
}
