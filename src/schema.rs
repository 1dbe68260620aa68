//! The tables, the same for both databases (`migrations/` creates them; a test holds the two equal).
#![allow(missing_docs)]

diesel::table! {
    institutes (id) {
        id -> BigInt,
        name -> Text,
        short_name -> Text,
        callback_url -> Nullable<Text>,
        check_requirements_emails_enabled -> Bool,
        reminder_emails_enabled -> Bool,
        exam_link_emails_enabled -> Bool,
        exam_changed_emails_enabled -> Bool,
        exam_finalized_emails_enabled -> Bool,
        global_proctor -> Bool,
        global_reviewer -> Bool,
        default_language -> Text,
        custom_languages -> Text,
        session_retention_period -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        institute_id -> Nullable<BigInt>,
        email -> Text,
        name -> Text,
        role -> Text,
        password_hash -> Nullable<Text>,
        disabled -> Bool,
        require_message_signature -> Bool,
        omniauth_config_id -> Nullable<BigInt>,
        receives_reports -> Bool,
        report_frequency -> Nullable<Text>,
        last_used_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    credentials (id) {
        id -> BigInt,
        user_id -> BigInt,
        token_hash -> Text,
        secret_key -> Text,
        expires_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    exams (id) {
        id -> BigInt,
        institute_id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        #[sql_name = "type"]
        kind -> Text,
        status -> Text,
        token -> Text,
        start_time -> Nullable<BigInt>,
        end_time -> Nullable<BigInt>,
        use_duration -> Bool,
        duration_minutes -> Nullable<BigInt>,
        timezone -> Text,
        exam_language -> Text,
        web_cam -> Bool,
        mobile_cam -> Bool,
        screen_share -> Bool,
        live_proctoring -> Bool,
        for_reviewing -> Bool,
        global_proctoring -> Bool,
        global_reviewing -> Bool,
        upload_answers -> Bool,
        restrictions -> Nullable<Text>,
        materials -> Text,
        student_experience -> Nullable<Text>,
        terms -> Nullable<Text>,
        accept_late_results -> Bool,
        proctoring_tool_provider_id -> Nullable<BigInt>,
        proctoring_tool_deployment_id -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    exam_comanagers (id) {
        id -> BigInt,
        exam_id -> BigInt,
        user_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    identity_providers (id) {
        id -> BigInt,
        institute_id -> BigInt,
        name -> Text,
        idp_sso_target_url -> Text,
        issuer -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    tool_providers (id) {
        id -> BigInt,
        institute_id -> BigInt,
        tool_name -> Text,
        tool_url -> Text,
        oauth_consumer_key -> Text,
        oauth_consumer_secret -> Text,
        use_as_basic_link -> Bool,
        lti_custom_data -> Text,
        oauth_signature_method -> Text,
        share_name -> Bool,
        share_email -> Bool,
        presentation -> Text,
        lti_version -> Text,
        send_raw_custom_names -> Bool,
        offer_relaunch -> Bool,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    lti_registrations (tool_provider_id) {
        tool_provider_id -> BigInt,
        client_id -> Text,
        deployment_id -> Text,
        login_url -> Text,
        redirect_uris -> Text,
        jwks_url -> Nullable<Text>,
        public_key -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        deep_linking_url -> Nullable<Text>,
        scopes -> Text,
        active -> Bool,
        proposal -> Nullable<Text>,
    }
}

diesel::table! {
    /// The places where a tool of LTI 1.3 is deployed.
    tool_deployments (id) {
        id -> BigInt,
        tool_provider_id -> BigInt,
        deployment_id -> Text,
        name -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    platform_keys (id) {
        id -> BigInt,
        private_key -> Text,
        public_key -> Text,
        signs_from -> BigInt,
        published_until -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    lti_resources (id) {
        id -> BigInt,
        institute_id -> BigInt,
        exam_id -> BigInt,
        tool_provider_id -> BigInt,
        tool_deployment_id -> Nullable<BigInt>,
        lti_resource_link_id -> Text,
        lti_resource_link_name -> Text,
        lti_resource_launch_url -> Nullable<Text>,
        lti_custom_data -> Nullable<Text>,
        open_in_new_tab -> Bool,
        description -> Nullable<Text>,
        icon_url -> Nullable<Text>,
        display_width -> Nullable<BigInt>,
        display_height -> Nullable<BigInt>,
        line_item_label -> Nullable<Text>,
        line_item_tag -> Nullable<Text>,
        line_item_maximum -> Nullable<Double>,
        line_item_resource_id -> Nullable<Text>,
        available_start_time -> Nullable<BigInt>,
        available_end_time -> Nullable<BigInt>,
        submission_start_time -> Nullable<BigInt>,
        submission_end_time -> Nullable<BigInt>,
        line_item_submission_review -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    selections (id) {
        id -> BigInt,
        institute_id -> BigInt,
        exam_id -> BigInt,
        tool_provider_id -> BigInt,
        tool_deployment_id -> Nullable<BigInt>,
        user_id -> BigInt,
        token_hash -> Text,
        state -> Text,
        items -> Text,
        message -> Nullable<Text>,
        error -> Nullable<Text>,
        expires_at -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    departures (id) {
        id -> BigInt,
        exam_id -> BigInt,
        member_id -> Text,
        taught -> Bool,
        departed_at -> BigInt,
    }
}

diesel::table! {
    notice_handlers (id) {
        id -> BigInt,
        tool_provider_id -> BigInt,
        tool_deployment_id -> Nullable<BigInt>,
        notice_type -> Text,
        url -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    tool_settings (id) {
        id -> BigInt,
        place -> Text,
        tool_provider_id -> BigInt,
        exam_id -> Nullable<BigInt>,
        lti_resource_id -> Nullable<BigInt>,
        custom -> Text,
        updated_at -> BigInt,
    }
}

diesel::table! {
    documents (id) {
        id -> BigInt,
        exam_id -> BigInt,
        exam_content -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    attachments (id) {
        id -> BigInt,
        institute_id -> BigInt,
        exam_id -> BigInt,
        placeholder -> Text,
        document_file_name -> Text,
        document_content_type -> Text,
        document_file_size -> BigInt,
        stored_name -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    student_sessions (id) {
        id -> BigInt,
        institute_id -> BigInt,
        exam_id -> BigInt,
        proctor_id -> Nullable<BigInt>,
        student_id -> Text,
        external_id -> Nullable<Text>,
        name -> Text,
        email -> Text,
        attempt -> BigInt,
        status -> Text,
        token_hash -> Text,
        token -> Text,
        open_time -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
        extra_time_minutes -> BigInt,
        start_time -> Nullable<BigInt>,
        end_time -> Nullable<BigInt>,
        individual_info -> Nullable<Text>,
        is_individual_info_html -> Bool,
        skip_requirements -> Bool,
        archived -> Bool,
        group_id -> Nullable<Text>,
        paused_at -> Nullable<BigInt>,
        paused_before -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    /// Learning management systems that launch into exams.
    lti_consumers (id) {
        id -> BigInt,
        institute_id -> BigInt,
        name -> Text,
        lms -> Text,
        consumer_key -> Text,
        exam_id -> Nullable<BigInt>,
        return_hosts -> Text,
        frame_origins -> Text,
        group_parameters -> Text,
        user_id_is_email -> Bool,
        disabled -> Bool,
        created_at -> BigInt,
        updated_at -> BigInt,
        lti_version -> Text,
    }
}

diesel::table! {
    lti_platforms (lti_consumer_id) {
        lti_consumer_id -> BigInt,
        issuer -> Text,
        client_id -> Text,
        deployment_ids -> Text,
        authorization_url -> Text,
        token_url -> Text,
        audience -> Nullable<Text>,
        jwks_url -> Nullable<Text>,
        public_key -> Nullable<Text>,
    }
}

diesel::table! {
    lti_consumer_secrets (id) {
        id -> BigInt,
        lti_consumer_id -> BigInt,
        secret -> Text,
        expires_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    /// The places of an LMS that launch here.
    lti_placements (id) {
        id -> BigInt,
        lti_consumer_id -> BigInt,
        context_id -> Text,
        resource_link_id -> Text,
        context_title -> Text,
        resource_link_title -> Text,
        exam_id -> Nullable<BigInt>,
        chosen -> Bool,
        created_at -> BigInt,
        updated_at -> BigInt,
        context_memberships_url -> Nullable<Text>,
    }
}

diesel::table! {
    /// Who came from which place, and which student session that is.
    lti_learners (id) {
        id -> BigInt,
        lti_consumer_id -> BigInt,
        lti_placement_id -> BigInt,
        student_session_id -> BigInt,
        user_id -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    /// Links that launches gave out.
    lti_visits (id) {
        id -> BigInt,
        token_hash -> Text,
        lti_learner_id -> BigInt,
        expires_at -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    /// Where results go, and what became of them.
    grade_returns (id) {
        id -> BigInt,
        institute_id -> BigInt,
        exam_id -> BigInt,
        student_session_id -> BigInt,
        lti_consumer_id -> BigInt,
        lti_learner_id -> BigInt,
        lis_outcome_service_url -> Text,
        lis_result_sourcedid -> Text,
        status -> Text,
        score -> Nullable<Double>,
        sent_score -> Nullable<Double>,
        attempts -> BigInt,
        reason -> Nullable<Text>,
        sent_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        service -> Text,
        scored_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// PostgreSQL only: the unique index decides across servers.
    nonces (key) {
        key -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    /// SQLite only: what memory holds, in the order it was spent; read at start.
    nonce_log (id) {
        id -> BigInt,
        day -> BigInt,
        keys -> Binary,
    }
}

diesel::table! {
    /// Answers to requests that carried an `Idempotency-Key`.
    idempotency_keys (key) {
        key -> Text,
        fingerprint -> Text,
        answer -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    /// Facts about the database itself, such as which master key sealed it.
    facts (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    /// Work that is done after the answer.
    jobs (id) {
        id -> BigInt,
        uid -> Text,
        task -> Text,
        due_at -> BigInt,
        attempts -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    line_items (id) {
        id -> BigInt,
        institute_id -> BigInt,
        exam_id -> BigInt,
        tool_provider_id -> BigInt,
        tool_deployment_id -> Nullable<BigInt>,
        lti_resource_id -> Nullable<BigInt>,
        label -> Text,
        score_maximum -> Double,
        resource_id -> Nullable<Text>,
        tag -> Nullable<Text>,
        submission_review -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    line_item_scores (id) {
        id -> BigInt,
        student_session_id -> BigInt,
        lti_resource_id -> Nullable<BigInt>,
        line_item_id -> Nullable<BigInt>,
        scored_at -> BigInt,
        digest -> Text,
        activity_progress -> Text,
        grading_progress -> Text,
        score_given -> Nullable<Double>,
        score_maximum -> Nullable<Double>,
        comment -> Nullable<Text>,
        scoring_user_id -> Nullable<Text>,
        started_at -> Nullable<BigInt>,
        submitted_at -> Nullable<BigInt>,
        late -> Bool,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    results (id) {
        id -> BigInt,
        institute_id -> BigInt,
        exam_id -> BigInt,
        student_session_id -> BigInt,
        lti_resource_id -> BigInt,
        score -> Nullable<Double>,
        total_score -> Nullable<Double>,
        text -> Nullable<Text>,
        url -> Nullable<Text>,
        launch_url -> Nullable<Text>,
        submitted_at -> Nullable<BigInt>,
        needs_review -> Bool,
        comment -> Nullable<Text>,
        late -> Bool,
        graded_by -> Nullable<Text>,
        user_id -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    /// Everything that a result ever was.
    result_changes (id) {
        id -> BigInt,
        result_id -> BigInt,
        operation -> Text,
        changed_by -> Text,
        tool_provider_id -> Nullable<BigInt>,
        user_id -> Nullable<BigInt>,
        kept -> Bool,
        score -> Nullable<Double>,
        total_score -> Nullable<Double>,
        text -> Nullable<Text>,
        url -> Nullable<Text>,
        launch_url -> Nullable<Text>,
        submitted_at -> Nullable<BigInt>,
        needs_review -> Bool,
        comment -> Nullable<Text>,
        late -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    /// The calls of tools, good or bad.
    service_calls (id) {
        id -> BigInt,
        institute_id -> BigInt,
        tool_provider_id -> Nullable<BigInt>,
        exam_id -> Nullable<BigInt>,
        lti_resource_id -> Nullable<BigInt>,
        student_session_id -> Nullable<BigInt>,
        operation -> Text,
        outcome -> Text,
        status -> BigInt,
        code -> Nullable<Text>,
        request -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    launches (id) {
        id -> BigInt,
        institute_id -> BigInt,
        exam_id -> Nullable<BigInt>,
        student_session_id -> Nullable<BigInt>,
        lti_resource_id -> Nullable<BigInt>,
        tool_provider_id -> Nullable<BigInt>,
        status -> Text,
        url -> Text,
        nonce -> Text,
        parameters -> Text,
        error -> Nullable<Text>,
        returned_at -> Nullable<BigInt>,
        lti_msg -> Nullable<Text>,
        lti_errormsg -> Nullable<Text>,
        lti_log -> Nullable<Text>,
        lti_errorlog -> Nullable<Text>,
        created_at -> BigInt,
        message_type -> Text,
        direction -> Text,
        header -> Nullable<Text>,
        lti_consumer_id -> Nullable<BigInt>,
        user_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// The attempts that a tool proctors.
    proctorings (student_session_id) {
        student_session_id -> BigInt,
        tool_provider_id -> BigInt,
        tool_deployment_id -> Nullable<BigInt>,
        end_assessment_return -> Bool,
        extra_time_minutes -> BigInt,
        terminated_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    /// Everything that tools did to an attempt.
    assessment_controls (id) {
        id -> BigInt,
        student_session_id -> BigInt,
        tool_provider_id -> BigInt,
        action -> Text,
        extra_time_minutes -> Nullable<BigInt>,
        incident_time -> BigInt,
        incident_severity -> Nullable<Double>,
        reason_code -> Nullable<Text>,
        reason_msg -> Nullable<Text>,
        digest -> Text,
        created_at -> BigInt,
    }
}

diesel::joinable!(attachments -> exams (exam_id));
diesel::joinable!(credentials -> users (user_id));
diesel::joinable!(documents -> exams (exam_id));
diesel::joinable!(exam_comanagers -> exams (exam_id));
diesel::joinable!(exam_comanagers -> users (user_id));
diesel::joinable!(exams -> institutes (institute_id));
diesel::joinable!(grade_returns -> lti_consumers (lti_consumer_id));
diesel::joinable!(grade_returns -> lti_learners (lti_learner_id));
diesel::joinable!(grade_returns -> student_sessions (student_session_id));
diesel::joinable!(lti_consumer_secrets -> lti_consumers (lti_consumer_id));
diesel::joinable!(lti_learners -> lti_consumers (lti_consumer_id));
diesel::joinable!(lti_learners -> lti_placements (lti_placement_id));
diesel::joinable!(lti_learners -> student_sessions (student_session_id));
diesel::joinable!(lti_placements -> lti_consumers (lti_consumer_id));
diesel::joinable!(line_item_scores -> student_sessions (student_session_id));
diesel::joinable!(line_items -> exams (exam_id));
diesel::joinable!(lti_registrations -> tool_providers (tool_provider_id));
diesel::joinable!(lti_resources -> exams (exam_id));
diesel::joinable!(lti_resources -> tool_providers (tool_provider_id));
diesel::joinable!(lti_platforms -> lti_consumers (lti_consumer_id));
diesel::joinable!(lti_visits -> lti_learners (lti_learner_id));
diesel::joinable!(proctorings -> student_sessions (student_session_id));
diesel::joinable!(result_changes -> results (result_id));
diesel::joinable!(results -> exams (exam_id));
diesel::joinable!(results -> lti_resources (lti_resource_id));
diesel::joinable!(results -> student_sessions (student_session_id));
diesel::joinable!(selections -> exams (exam_id));
diesel::joinable!(selections -> tool_providers (tool_provider_id));
diesel::joinable!(selections -> users (user_id));
diesel::joinable!(student_sessions -> exams (exam_id));
diesel::allow_tables_to_appear_in_same_query!(
    assessment_controls,
    attachments,
    credentials,
    departures,
    documents,
    exam_comanagers,
    exams,
    grade_returns,
    identity_providers,
    institutes,
    launches,
    line_item_scores,
    line_items,
    lti_consumer_secrets,
    lti_consumers,
    lti_learners,
    lti_placements,
    lti_platforms,
    lti_registrations,
    lti_resources,
    lti_visits,
    notice_handlers,
    platform_keys,
    proctorings,
    result_changes,
    results,
    service_calls,
    selections,
    student_sessions,
    tool_deployments,
    tool_providers,
    users,
);
