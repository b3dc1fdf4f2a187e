using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace AhnSharp.Extensions.AI;

/// <summary>Answers behind the interface of Microsoft.Extensions.AI, any number at once: their tokens share the model's passes.</summary>
/// <remarks>
/// <para>Of a request's options it follows all that the interface has, but for background responses and hosted tools, and the additional
/// properties <c>min_p</c>, <c>repeat_penalty</c>, <c>repeat_last_n</c>, <c>logit_bias</c>, <c>logprobs</c>, <c>top_logprobs</c>,
/// <c>grammar</c>, <c>regex</c>, <c>enable_thinking</c> and <c>sources</c>. What it cannot follow is an exception that names it.</para>
/// <para>A conversation is the messages of the request, of which only what is new is read. Under a conversation id
/// (<see cref="StartConversation"/>) a request brings its new messages alone. The host stays its owner's.</para>
/// </remarks>
public sealed class AhnChatClient : IChatClient
{
    private const string OperationName = "chat";
    private readonly AhnModelHost _host;
    private readonly ILogger _logger;
    private readonly ChatConversations _conversations = new();
    private readonly string? _documentPath;
    private readonly Lock _gate = new();
    private DocumentContext? _document;
    private readonly bool _ownsHost;
    private bool _disposed;

    /// <summary>Answers with the host's model, which is loaded with the first request where it is not.</summary>
    public AhnChatClient(AhnModelHost host, ILogger<AhnChatClient>? logger = null)
        : this(host, logger, null, false)
    {
    }

    internal AhnChatClient(AhnModelHost host, bool ownsHost)
        : this(host, null, null, ownsHost)
    {
    }

    private AhnChatClient(AhnModelHost host, ILogger? logger, string? documentPath, bool ownsHost)
    {
        ArgumentNullException.ThrowIfNull(host);
        (_host, _logger, _documentPath, _ownsHost) = (host, logger ?? NullLogger.Instance, documentPath, ownsHost);
    }

    /// <summary>A client of the same model whose conversations are about a text that was read before.</summary>
    /// <param name="path">A snapshot of a text, as <c>ahn read</c> and <see cref="TextSession.Save"/> write them; opened with the first
    /// request, and once.</param>
    public AhnChatClient ForDocument(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new AhnChatClient(_host, _logger, path, false);
    }

    /// <summary>Begins a conversation that the client keeps.</summary>
    /// <returns>Its id, for <see cref="ChatOptions.ConversationId"/>; responses carry it.</returns>
    public string StartConversation() => _conversations.Start();

    /// <summary>Forgets a conversation.</summary>
    /// <returns>Whether there was one.</returns>
    public bool EndConversation(string conversationId) => _conversations.End(conversationId);

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken)
                .ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The request asks for what cannot be followed; the sentence names it.</exception>
    /// <exception cref="ArgumentException">A value is out of range; the sentence names it.</exception>
    /// <exception cref="Sessions.ContextOverflowException">The conversation is longer than the context: nothing is ever cut.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ChatMessage[] asked = [.. messages];
        ChatRequest request = ChatRequest.Read(options, _host, this);
        ChatConversations.Entry? conversation = request.ConversationId is { } id ? _conversations.Enter(id) : null;
        ChatMessage[] all = conversation is null ? asked : [.. conversation.Messages, .. asked];
        using AhnOperation operation = AhnTelemetry.Start(OperationName, _host);
        ChatUpdates updates = new(request, _host.ModelId);
        bool isWhole = false;
        try
        {
            TextEngine engine = await _host.LoadEngineAsync(cancellationToken).ConfigureAwait(false);
            request.CheckThinking(engine.Model);
            string? system = _documentPath is null ? _host.Options.SystemPrompt : null;
            IReadOnlyList<AhnSharp.Tokenizer.ChatMessage> turns =
                await ChatTurns.OfAsync(all, options?.Instructions, system, cancellationToken).ConfigureAwait(false);
            Completion completion = await CompleteAsync(engine, turns, request, cancellationToken).ConfigureAwait(false);
            IAsyncEnumerator<AnswerPiece> pieces = completion.PiecesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (pieces.ConfigureAwait(false))
            {
                while (!updates.IsEnough && await MoveNextAsync(pieces, operation).ConfigureAwait(false))
                {
                    foreach (ChatResponseUpdate update in updates.Of(pieces.Current, completion)) yield return update;
                }
            }
            foreach (ChatResponseUpdate update in updates.End(completion)) yield return update;
            GenerationStatistics took = completion.Statistics!;
            operation.Tag("gen_ai.response.finish_reasons", (string[])[updates.FinishReason.Value]);
            operation.Succeed(took.PromptTokens + took.ReusedTokens, took.GeneratedTokens);
            Log.Answered(_logger, _host.ModelId, took.PromptTokens, took.ReusedTokens, took.GeneratedTokens, took.TokensPerSecond);
            conversation?.Add(asked, updates.Message);
            isWhole = true;
        }
        finally
        {
            conversation?.Leave();
            if (!isWhole) operation.Tag("ahnsharp.incomplete", true);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(ChatClientMetadata)) return new ChatClientMetadata(AhnTelemetry.Provider, null, _host.ModelId);
        if (serviceType == typeof(AhnModelHost)) return _host;
        if (serviceType == typeof(TextModel)) return _host.Model;
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Forgets its conversations and frees its document; the host and the model go on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _document?.Dispose();
        }
        if (_ownsHost) _host.Dispose();
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<AnswerPiece> pieces, AhnOperation operation)
    {
        try
        {
            return await pieces.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            operation.Fail(failure);
            throw;
        }
    }

    private async Task<Completion> CompleteAsync(
        TextEngine engine, IReadOnlyList<AhnSharp.Tokenizer.ChatMessage> turns, ChatRequest request, CancellationToken cancellation)
    {
        if (_documentPath is null) return engine.Complete(turns, request.Completion);
        DocumentContext document = await Task.Run(() => OpenDocument(engine), cancellation).ConfigureAwait(false);
        return engine.Complete(document, turns, request.Completion);
    }

    private DocumentContext OpenDocument(TextEngine engine)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _document ??= engine.OpenDocument(_documentPath!);
        }
    }
}
