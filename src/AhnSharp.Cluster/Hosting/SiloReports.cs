using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cluster.Grains;
using AhnSharp.Cluster.Placement;
using AhnSharp.Extensions.AI;
using AhnSharp.Server;
using AhnSharp.Server.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AhnSharp.Cluster.Hosting;

/// <summary>Tells the library every two seconds what this silo does, and learns of the others; keeps the library active.</summary>
internal sealed class SiloReports(
    IGrainFactory grains, ILocalSiloDetails silo, ModelRegistry models, AhnServerOptions options, SiloLoads loads, ILogger<SiloReports> log)
    : BackgroundService
{
    private static readonly TimeSpan s_apart = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        int silos = 0;
        using PeriodicTimer timer = new(s_apart);
        do
        {
#pragma warning disable CA1031 // A silo that was killed held the library: the next one answers.
            try
            {
                ILibraryGrain library = grains.GetGrain<ILibraryGrain>(ILibraryGrain.Only);
                SiloLoad[] all = await library.ReportAsync(Load()).WaitAsync(stoppingToken).ConfigureAwait(false);
                if (all.Length != silos) ClusterLog.Silos(log, silos = all.Length);
                loads.Learn(all);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                ClusterLog.NoAnswer(log, failure);
            }
#pragma warning restore CA1031
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private SiloLoad Load()
    {
        LoadedModel[] loaded = [.. models.Loaded.Where(static model => model.Host.Status.State == AhnModelState.Ready)];
        return new SiloLoad
        {
            Silo = silo.SiloAddress,
            Loaded = [.. loaded.Select(static model => model.Served.Id)],
            Served = [.. models.Catalog.List().Select(static model => model.Id)],
            Answers = loaded.Sum(static model => model.Admission.Running + model.Admission.Waiting),
            Room = loaded.Length * options.MaxAnswers,
        };
    }
}
