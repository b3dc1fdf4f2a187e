using System;
using AhnSharp.Server.Http;
using Orleans;

namespace AhnSharp.Cluster.Grains;

/// <summary>An <see cref="ApiException"/> on its way between servers.</summary>
[GenerateSerializer, Alias("ahn.RefusedException")]
internal sealed class RefusedException : Exception
{
    public RefusedException(ApiException refusal)
        : base(refusal.Message)
    {
        (Status, Code, Parameter) = (refusal.Status, refusal.Code, refusal.Parameter);
        RetryAfterSeconds = refusal.RetryAfter?.TotalSeconds;
    }

    [Id(0)] public int Status { get; set; }
    [Id(1)] public string Code { get; set; }
    [Id(2)] public string? Parameter { get; set; }
    [Id(3)] public double? RetryAfterSeconds { get; set; }

    public ApiException ToApi() => new(Status, Code, Message)
    {
        Parameter = Parameter,
        RetryAfter = RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };
}
