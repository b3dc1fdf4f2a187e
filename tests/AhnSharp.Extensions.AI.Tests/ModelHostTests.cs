using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Gguf;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace AhnSharp.Extensions.AI.Tests;

public sealed class ModelHostTests
{
    [Fact(Timeout = 60_000)]
    public async Task Many_who_ask_get_one_model_and_it_is_freed_with_the_host()
    {
        using GatedLoad load = new();
        AhnModelHost host = new(load.Options);
        List<AhnModelState> states = [];
        host.StatusChanged += (_, status) => states.Add(status.State);
        Assert.Equal((AhnModelState.Waiting, (TextModel?)null), (host.Status.State, host.Model));
        Task<TextModel>[] asked = [.. Enumerable.Range(0, 5).Select(_ => host.LoadAsync())];
        await load.Begun;
        Assert.Equal(AhnModelState.Loading, host.Status.State);
        load.Open();
        TextModel model = (await Task.WhenAll(asked)).Distinct().Single();
        Assert.Equal((1, AhnModelState.Ready), (load.Count, host.Status.State));
        Assert.Same(model, host.Model);
        Assert.StartsWith("gated is ready on ", host.Status.Sentence, StringComparison.Ordinal);
        Assert.Same(host.Cache, host.Cache);
        Assert.Equal(1L << 30, host.Cache!.BudgetBytes);
        await host.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => model.Model.CreateSession());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => host.LoadAsync());
        await host.DisposeAsync();
        Assert.Equal([AhnModelState.Loading, AhnModelState.Ready, AhnModelState.Disposed], states);
    }

    [Fact(Timeout = 60_000)]
    public async Task Who_leaves_leaves_the_others_and_when_all_have_left_the_loading_ends_and_can_begin_anew()
    {
        using GatedLoad load = new();
        await using AhnModelHost host = new(load.Options);
        using CancellationTokenSource first = new(), second = new();
        Task<TextModel> one = host.LoadAsync(first.Token), two = host.LoadAsync(second.Token);
        await load.Begun;
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.Equal((AhnModelState.Loading, false), (host.Status.State, load.IsCancelled));
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        await load.Cancelled.WaitAsync(TimeSpan.FromMinutes(1));
        load.Open();
        TextModel model = await host.LoadAsync();
        Assert.Equal((2, AhnModelState.Ready), (load.Count, host.Status.State));
        Assert.Same(model, host.Model);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_failure_stays_and_everybody_is_told_its_sentence()
    {
        int count = 0;
        await using AhnModelHost host = new(new AhnSharpOptions
        {
            ModelId = "broken",
            Load = (_, _) =>
            {
                count++;
                throw new InvalidModelException("blk.0: expected weights, found none.");
            },
        });
        for (int i = 0; i < 2; i++)
        {
            InvalidModelException told = await Assert.ThrowsAsync<InvalidModelException>(() => host.LoadAsync());
            Assert.Equal("blk.0: expected weights, found none.", told.Message);
        }
        Assert.Equal(1, count);
        Assert.Equal("broken could not be loaded: blk.0: expected weights, found none.", host.Status.Sentence);
        Assert.IsType<InvalidModelException>(host.Status.Failure);
        Assert.Null(host.Cache);
    }

    [Fact(Timeout = 60_000)]
    public async Task Options_reach_the_model_and_its_sessions_and_what_it_cannot_follow_fails_with_the_loading()
    {
        AhnSharpOptions options = new()
        {
            ModelPath = DemoText.ModelPath,
            Threads = 1,
            ChunkTokens = 64,
            Window = 100,
            Sinks = 3,
            CacheBytes = 0,
            SystemPrompt = DemoText.System,
        };
        await using AhnModelHost host = new(options);
        using TextSession session = await host.CreateSessionAsync();
        Assert.Equal("ahn-demo-q8_0", host.ModelId);
        Assert.Equal((64, 100, 3), (session.State.Model.ChunkTokens, session.State.Window, session.State.Sinks));
        Assert.Null(host.Cache);
        options.Reach = 5;
        await using AhnModelHost wrong = new(options);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => wrong.LoadAsync());
        Assert.Equal(AhnModelState.Failed, wrong.Status.State);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposal_ends_a_loading_and_waits_for_it(bool asynchronously)
    {
        using GatedLoad load = new();
        AhnModelHost host = new(load.Options);
        Task<TextModel> asked = host.LoadAsync();
        await load.Begun;
        if (asynchronously) await host.DisposeAsync();
        else await Task.Run(host.Dispose);
        Assert.True(load.IsCancelled && load.HasEnded);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal(AhnModelState.Disposed, host.Status.State);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_health_check_tells_every_state()
    {
        using GatedLoad load = new();
        AhnModelHost host = new(load.Options);
        Assert.Equal((HealthStatus.Degraded, "gated waits for the first request."), await Health(host));
        Task<TextModel> asked = host.LoadAsync();
        await load.Begun;
        Assert.Equal((HealthStatus.Degraded, "gated is being loaded."), await Health(host));
        load.Open();
        await asked;
        Assert.Equal(HealthStatus.Healthy, (await Health(host)).Status);
        await host.DisposeAsync();
        Assert.Equal((HealthStatus.Unhealthy, "gated was freed."), await Health(host));

        await using AhnModelHost failing = new(new AhnSharpOptions { ModelPath = "none.gguf" });
        await Assert.ThrowsAnyAsync<Exception>(() => failing.LoadAsync());
        (HealthStatus status, string? sentence) = await Health(failing);
        Assert.Equal((HealthStatus.Unhealthy, failing.Status.Sentence), (status, sentence));
        Assert.Contains("none.gguf", sentence, StringComparison.Ordinal);
    }

    private static async Task<(HealthStatus Status, string? Sentence)> Health(AhnModelHost host)
    {
        AhnModelHealthCheck check = new(host);
        HealthCheckResult result = await check.CheckHealthAsync(
            new HealthCheckContext { Registration = new HealthCheckRegistration("x", check, null, null) });
        return (result.Status, result.Description);
    }

    /// <summary>A loading that waits until it is let through, or cancelled.</summary>
    private sealed class GatedLoad : IDisposable
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _gate = new();
        private int _count;

        public AhnSharpOptions Options => new() { ModelId = "gated", Load = Load };
        public Task Begun => _begun.Task;
        public Task Cancelled => _cancelled.Task;
        public int Count => _count;
        public bool IsCancelled => _cancelled.Task.IsCompleted;
        public bool HasEnded { get; private set; }

        public void Open() => _gate.Set();

        public void Dispose() => _gate.Dispose();

        private TextModel Load(AhnSharpOptions options, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _count);
            _begun.TrySetResult();
            using CancellationTokenRegistration registration = cancellation.Register(() => _cancelled.TrySetResult());
            try
            {
                _gate.Wait(cancellation);
                return TextModel.Load(DemoText.ModelPath, cancellationToken: cancellation);
            }
            finally
            {
                HasEnded = true;
            }
        }
    }
}
