using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Models;

namespace AhnSharp.Server.Documents;

/// <summary>The server's models, for its documents.</summary>
internal sealed class RegistryModels(ModelRegistry models) : IDocumentModels
{
    public async Task<IDocumentModelLease> AcquireAsync(string? model, CancellationToken cancellation) =>
        new Lease(await models.AcquireAsync(model, cancellation).ConfigureAwait(false));

    private sealed class Lease(ModelLease lease) : IDocumentModelLease
    {
        public TextEngine Engine => lease.Engine;

        public string ModelId => lease.ModelId;

        public ValueTask DisposeAsync()
        {
            lease.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
