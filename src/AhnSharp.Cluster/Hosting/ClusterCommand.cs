using System;
using System.CommandLine;
using System.Net;
using AhnSharp.Cli;
using AhnSharp.Cli.Commands;
using AhnSharp.Cli.Options;

namespace AhnSharp.Cluster.Hosting;

/// <summary>The command <c>ahn-cluster</c>: <c>serve</c> with all options of <c>ahn serve</c>, for a library.</summary>
internal static class ClusterCommand
{
    private const string Scheme = "redis";
    private const int RedisPort = 6379;

    internal static RootCommand Create()
    {
        Option<string?> library = Choice.Text(
            "--library", "Folder of the library; where several machines serve it, one that they share.", "FOLDER");
        Option<string?> cluster = Choice.Text("--cluster",
            "Redis in which the servers of a library find each other, as redis://HOST:PORT/NAME (default: this server is alone).", "URL");
        Option<string?> address = Choice.Text(
            "--silo-address", "Address of this machine under which the other servers reach it (default 127.0.0.1).", "ADDRESS");
        Option<int?> port = Choice.WholeNumber(
            "--silo-port", "Port under which the other servers reach it (default: a free one).", 0, IPEndPoint.MaxPort);
        RootCommand root = VersionAction.On(new("Serves a library of documents, alone or with other servers that share it.")
        {
            ServeCommand.Create([library, cluster, address, port], (parsed, builder) => ClusterHosting.Add(builder, new ClusterOptions
            {
                Library = parsed.GetValue(library) ?? throw new UsageException("--library: expected the folder of the library."),
                Redis = RedisOf(parsed.GetValue(cluster), out string name),
                Name = name,
                Address = AddressOf(parsed.GetValue(address)),
                Port = parsed.GetValue(port) ?? 0,
            })),
        });
        VerbosityOptionGroup.AddTo(root);
        return root;
    }

    private static string? RedisOf(string? url, out string name)
    {
        name = "ahn";
        if (url is null) return null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme != Scheme || uri.Host.Length == 0 || uri.Query.Length > 0
            || uri.UserInfo.Length > 0)
        {
            throw new UsageException($"--cluster: expected redis://HOST:PORT/NAME, found '{url}'.");
        }
        if (uri.AbsolutePath.Trim('/') is { Length: > 0 } given) name = given;
        return $"{uri.Host}:{(uri.Port > 0 ? uri.Port : RedisPort)}";
    }

    private static IPAddress AddressOf(string? text) => text is null ? IPAddress.Loopback
        : IPAddress.TryParse(text, out IPAddress? address) && !address.Equals(IPAddress.Any) ? address
            : throw new UsageException($"--silo-address: expected the address of this machine that others reach, found '{text}'.");
}
