using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using AhnSharp.Cluster.Grains;
using AhnSharp.Cluster.Placement;
using AhnSharp.Cluster.Storage;
using AhnSharp.Server.Documents;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using StackExchange.Redis;

namespace AhnSharp.Cluster.Hosting;

/// <summary>Makes a server a silo.</summary>
internal static class ClusterHosting
{
    /// <summary>Its documents are those of the library from now on.</summary>
    public static void Add(WebApplicationBuilder builder, ClusterOptions options)
    {
        // What a killed silo leaves unanswered is asked again (ClusterLog.NoAnswer), and is no failure.
        builder.Logging.AddFilter("Orleans", LogLevel.Error);
        builder.Logging.AddFilter("Orleans.Messaging", LogLevel.Critical);
        builder.Logging.AddFilter("Orleans.Networking", LogLevel.Critical);
        builder.Logging.AddFilter("Polly", LogLevel.Critical);
        LibraryFolder library = new(options.Library, isAlone: options.Redis is null);
        builder.Services.AddSingleton(_ => library); // and disposed with the rest
        builder.Services.AddSingleton<SiloDocuments>();
        builder.Services.AddSingleton<SiloLoads>();
        builder.Services.AddSingleton<IDocuments, ClusterDocuments>();
        int port = options.Port == 0 ? FreePort(options.Address) : options.Port;
        builder.UseOrleans(silo =>
        {
            if (options.Redis is { } redis) Join(silo, options, redis, port);
            else silo.UseLocalhostClustering(port, FreePort(options.Address), primarySiloEndpoint: null, options.Name, options.Name);
            silo.AddPlacementDirector<DocumentPlacement, DocumentPlacementDirector>();
        });
        builder.Services.AddHostedService<SiloReports>();
    }

    private static void Join(ISiloBuilder silo, ClusterOptions options, string redis, int port)
    {
        // Who cannot find the others does not start, and says why; a Redis that is away later is looked for again.
        try
        {
            ConnectionMultiplexer.Connect(ConfigurationOptions.Parse(redis)).Dispose();
        }
        catch (RedisConnectionException none)
        {
            throw new IOException($"--cluster: expected a Redis at {redis}, found none that answers: start it, or name another.", none);
        }
        silo.UseRedisClustering(clustering => clustering.ConfigurationOptions = ConfigurationOptions.Parse(redis));
        silo.Configure<Orleans.Configuration.ClusterOptions>(
            cluster => (cluster.ClusterId, cluster.ServiceId) = (options.Name, options.Name));
        silo.ConfigureEndpoints(options.Address, port, gatewayPort: 0, listenOnAnyHostAddress: !IPAddress.IsLoopback(options.Address));
        // A silo that was killed is known as gone after three looks, and its documents are activated elsewhere with the next.
        silo.Configure<ClusterMembershipOptions>(static membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(2);
            membership.NumMissedProbesLimit = 3;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        });
        // No call of a grain computes: reading goes on behind it, and answers come in pieces.
        silo.Configure<SiloMessagingOptions>(static messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(15));
    }

    // Between choosing and listening somebody else may take it; then the silo does not start, and says so.
    private static int FreePort(IPAddress address)
    {
        using TcpListener listener = new(address, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
