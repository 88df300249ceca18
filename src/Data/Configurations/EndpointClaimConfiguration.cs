using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portkey.Portal.Data.Configurations;

internal sealed class EndpointClaimConfiguration : IEntityTypeConfiguration<EndpointClaim>
{
    public void Configure(EntityTypeBuilder<EndpointClaim> builder)
    {
        // Two requests at the same moment cannot both write this key.
        builder.HasKey(c => new
        {
            c.ClusterId,
            c.Kind,
            c.Value,
        });
        builder.HasIndex(c => c.EnvironmentId);
        builder.HasOne<Cluster>().WithMany().HasForeignKey(c => c.ClusterId).OnDelete(DeleteBehavior.Restrict);
    }
}
