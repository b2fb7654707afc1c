/// The places of the navigation, in its order.
public enum Section: String, Sendable, CaseIterable {
    case models, datasets, lineage, endpoints, rollouts, alerts, retraining, predictions, audit

    var title: String {
        switch self {
        case .models: "Models"
        case .datasets: "Data"
        case .lineage: "Lineage"
        case .endpoints: "Endpoints"
        case .rollouts: "Rollouts"
        case .alerts: "Alerts"
        case .retraining: "Retraining"
        case .predictions: "Predictions"
        case .audit: "Audit"
        }
    }

    var link: Link {
        switch self {
        case .models: .models
        case .datasets: .datasets
        case .lineage: .lineage
        case .endpoints: .endpoints
        case .rollouts: .rollouts
        case .alerts: .alerts
        case .retraining: .retraining
        case .predictions: .predictions
        case .audit: .audit
        }
    }

    var icon: Icon {
        switch self {
        case .models: .cube
        case .datasets: .cylinder
        case .lineage: .graph
        case .endpoints: .branch
        case .rollouts: .steps
        case .alerts: .bell
        case .retraining: .cycle
        case .predictions: .search
        case .audit: .chain
        }
    }
}
